from audit.context import current as origin
from audit.domain.recording import record, record_many, record_reading, record_readings

__all__ = ("origin", "record", "record_many", "record_reading", "record_readings")
