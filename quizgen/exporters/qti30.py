"""QTI 3.0: a package of items and a test."""

from quizgen.exporters._qti import CARRIES, Qti
from quizgen.exporters._qti_language import Dialect


class Qti30(Qti):
    """For players and importers of QTI 3, whose elements are spelled ``qti-like-this``."""

    carries = CARRIES
    dialect = Dialect(
        version="3.0",
        namespace="http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
        schema="https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
        package="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
        profile=("QTI Package", "3.0.0"),
        templates="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml",
        kebab=True,
    )
