"""Names that belong to nobody in particular: persons, townships, villages, firms."""

import random
from collections.abc import Iterator
from functools import cache
from itertools import product

from portal.demo.profiles import Wheel, wheel

# the most frequent surnames with their rough shares, enough for searches by a common and by a rare one
_SURNAMES = {
    "王": 71, "李": 71, "张": 67, "刘": 51, "陈": 45, "杨": 31, "黄": 22, "赵": 20, "吴": 20, "周": 20, "徐": 14, "孙": 13,
    "马": 13, "朱": 13, "胡": 12, "郭": 12, "何": 12, "林": 12, "高": 10, "罗": 10, "郑": 9, "梁": 9, "谢": 8, "宋": 8, "唐": 7,
    "许": 7, "韩": 7, "邓": 6, "冯": 6, "曹": 6, "彭": 6, "曾": 6, "肖": 5, "田": 5, "董": 5, "潘": 5, "袁": 5, "蔡": 5, "蒋": 5,
    "余": 5, "于": 4, "杜": 4, "叶": 4, "程": 4, "魏": 4, "苏": 4, "吕": 4, "丁": 4, "任": 4, "卢": 3, "姚": 3, "沈": 3, "钟": 3,
    "姜": 3, "崔": 3, "谭": 3, "陆": 3, "范": 3, "汪": 3, "廖": 3, "石": 3, "金": 3, "韦": 2, "贾": 2, "夏": 2, "付": 2, "方": 2,
    "邹": 2, "熊": 2, "白": 2, "孟": 2, "秦": 2, "邱": 2, "侯": 2, "江": 2, "尹": 2, "薛": 2, "闫": 2, "段": 2, "雷": 1, "龙": 1,
    "黎": 1, "史": 1, "陶": 1, "贺": 1, "毛": 1, "郝": 1, "顾": 1, "龚": 1, "邵": 1, "万": 1, "覃": 1, "武": 1, "钱": 1, "戴": 1,
    "严": 1, "莫": 1, "孔": 1, "向": 1, "常": 1, "欧阳": 0.7, "仇": 0.3, "单": 0.3, "诸葛": 0.1, "上官": 0.1, "解": 0.2,
    "查": 0.2,
}  # fmt: skip
_OLD_MEN = "国建志文明永德福贵富荣华生林根法水金木海清祥云龙宝庆长春山江"
_OLD_WOMEN = "秀英桂兰玉珍凤美素淑香芳梅莲菊花云爱月彩翠金巧珠仙"
_MEN = "伟强军勇杰涛磊斌超鹏飞辉刚浩宇俊峰毅凯翔博文晨睿哲远航嘉铭逸"
_WOMEN = "丽敏静娟艳霞燕玲婷雪琳慧颖佳倩怡欣悦晴雯梦瑶诗涵思语若清"


@cache
def surnames() -> Wheel:
    return wheel(list(_SURNAMES), list(_SURNAMES.values()))


def person_name(rng: random.Random, sex: str, birth_year: int) -> str:
    """A surname and one or two characters of the time and the sex."""
    old = birth_year < 1970
    signs = (_OLD_MEN if old else _MEN) if sex == "1" else (_OLD_WOMEN if old else _WOMEN)
    given = rng.choice(signs) if rng.random() < 0.22 else rng.choice(signs) + rng.choice(signs)
    return f"{surnames().draw(rng)}{given}"


def _pairs(heads: str, tails: str, rng: random.Random) -> list[str]:
    made = [a + b for a, b in product(heads, tails)]
    rng.shuffle(made)
    return made


def endless(made: list[str]) -> Iterator[str]:
    """The names in order, then again with 东, 西, 南, 北, … before them: never the same twice."""
    for prefix in ("", *"东西南北中上下大小新老前后内外"):
        yield from (prefix + name for name in made)


def township_names(rng: random.Random) -> Iterator[str]:
    return endless(_pairs("青白石云龙和兴安清永长平新金玉凤梅松竹荷", "溪桥塘山湖泉岭港河坪埠浦泽洲渡", rng))


def village_names(rng: random.Random) -> Iterator[str]:
    return endless(_pairs("杨柳梅李桃竹松枫荷莲沙石泉溪湖塘坝岭", "家湾树园林店桥坞墩浜埭头冲坪溪", rng))


def firm_names(rng: random.Random) -> Iterator[str]:
    brands = _pairs("恒华新瑞鑫宏盛泰德信诚嘉远博", "达源通泰丰瑞联创祥益", rng)
    trades = ("纺织", "机械", "电子", "食品", "建材", "物流", "包装", "化工", "能源", "信息科技")
    return endless([f"{brand}{rng.choice(trades)}" for brand in brands])


BUREAUS = (
    "办公室", "组织部", "财政局", "教育局", "民政局", "司法局", "水利局", "审计局", "统计局", "文化和旅游局", "农业农村局",
    "自然资源局", "住房和城乡建设局", "交通运输局", "人力资源和社会保障局", "市场监督管理局", "应急管理局", "卫生健康局",
    "生态环境局", "商务局", "发展和改革局", "科学技术局", "退役军人事务局", "行政审批局",
)  # fmt: skip
WARDS = ("内科", "外科", "儿科", "急诊", "行政后勤", "护理", "医技", "中医", "门诊", "公共卫生")
FACULTIES = ("文学院", "理学院", "工学院", "医学院", "商学院", "法学院", "教育学院", "信息学院", "外国语学院", "艺术学院")
CITIES = ("上海市", "浙江省杭州市", "广东省深圳市", "广东省广州市", "江苏省苏州市", "北京市", "福建省厦门市", "四川省成都市")
STREETS = ("和平路", "建设路", "新华路", "解放路", "人民路", "文化路", "中山路", "朝阳路")
SCHOOLS = ("样例大学", "样例师范学院", "样例职业技术学院", "样例农业大学", "样例理工学院")
MAJORS = ("汉语言文学", "法学", "会计学", "土木工程", "计算机科学与技术", "农学", "临床医学", "行政管理", "机械工程")
