"""ISO 8601 in the order of its parts, so that a column of moments reads like a clock; and whose clock it is."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = r"Y-m-d H:i:s \U\T\C"
TIME_FORMAT = "H:i:s"
