"""What was reported is told of; imports on their way and exports stay."""

from core.taking_out import stay, tell

tell("exchange.Filing", "org_path")
stay("exchange.FiledRow", "指纹用这个平台的密钥算出，换了平台要重新报送")
stay("exchange.ImportBatch", "导入的过程和上传的文件属于这个平台")
stay("exchange.ImportRow", "导入的过程和上传的文件属于这个平台")
stay("exchange.RememberedMapping", "各人记住的列，随账号")
stay("exchange.ExportRequest", "导出的申请属于这个平台")
stay("exchange.TakenLine", "带来的记载，再带出时并入原来的部分")
