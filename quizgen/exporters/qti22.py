"""QTI 2.2: a package of items and a test."""

from quizgen.exporters._qti import CARRIES, Qti
from quizgen.exporters._qti_language import Dialect


class Qti22(Qti):
    """For importers of QTI 2.2, such as TAO."""

    carries = CARRIES
    dialect = Dialect(
        version="2.2",
        namespace="http://www.imsglobal.org/xsd/imsqti_v2p2",
        schema="http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd",
        package="http://www.imsglobal.org/xsd/imscp_v1p1",
        profile=("QTIv2.2 Package", "1.0.0"),
        templates="http://www.imsglobal.org/question/qti_v2p2/rptemplates/{}",
    )
