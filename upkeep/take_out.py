"""Maintenance is the installation's own."""

from core.taking_out import stay

stay("upkeep.KeyRotation", "换密钥的经过属于这个平台")
