from audit.domain.recording import record, record_many, record_reading, record_readings

__all__ = ("record", "record_many", "record_reading", "record_readings")
