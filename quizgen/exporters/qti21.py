"""QTI 2.1: a package of items and a test."""

from quizgen.exporters._qti import CARRIES, Qti
from quizgen.exporters._qti_language import Dialect


class Qti21(Qti):
    """For importers of QTI 2.1, such as OpenOlat, TAO and OPAL."""

    carries = CARRIES
    dialect = Dialect(
        version="2.1",
        namespace="http://www.imsglobal.org/xsd/imsqti_v2p1",
        schema="http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
        package="http://www.imsglobal.org/xsd/imscp_v1p1",
        profile=("QTIv2.1 Package", "1.0.0"),
        templates="http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}",
        external=False,
    )
