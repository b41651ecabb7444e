"""What was decided goes along; what could ever help to ask who voted how stays, and so do keys and people's seats."""

from core.taking_out import stay, tell

tell("ballots.Poll", "org_path", leave=("token_key_sealed", "token_public", "rehearsal"))
tell("ballots.Outcome", "poll__org_path")
tell("ballots.PaperCount", "poll__org_path")
stay("ballots.Teller", "监票人的席位和轮次文本已在档案里，账号不带出")
stay("ballots.Elector", "谁领过电子票不带出")
stay("ballots.Registration", "登记中的凭证，封定名册时删除")
stay("ballots.RollEntry", "名册已在公开的选举档案里，用 ballot_archive 导出")
stay("ballots.Event", "选票的链已在公开的选举档案里，用 ballot_archive 导出")
stay("ballots.Text", "选票的文本已在公开的选举档案里，用 ballot_archive 导出")
