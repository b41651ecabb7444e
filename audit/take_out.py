"""The record of an installation stays with it: its chain would be broken elsewhere."""

from core.taking_out import stay

stay("audit.AuditRecord", "审计记录链接成串，留在产生它的平台")
stay("audit.AuditSeal", "审计记录链接成串，留在产生它的平台")
