"""Personal names: one spelling, their pinyin order, and the tokens by which they are found."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

TOKEN_LENGTH = 12  # of every token; longer pinyin is found by its beginning
MARK = "~"  # before a token of letters, so that it never meets a token of characters
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_DOTS = re.compile("\\s*[·•・･‧∙⋅●᛫]\\s*")
_LETTERS = re.compile(r"[a-z]+")
_GAP_BESIDE_HAN = re.compile(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])")

# Readings a character has only, or almost only, as a surname. Editable: a person's own reading wins on the member file.
SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "任": "ren",
    "华": "hua", "燕": "yan", "翟": "zhai", "缪": "miao", "尉": "wei", "覃": "qin", "召": "shao", "黑": "he", "秘": "bi",
    "冼": "xian", "洗": "xian", "逄": "pang", "员": "yun", "乜": "nie", "种": "chong", "折": "she", "那": "na", "哈": "ha",
    "牟": "mu", "祭": "zhai", "都": "du", "隗": "wei", "乐": "yue", "柏": "bai", "车": "che", "谌": "chen", "句": "gou",
    "葛": "ge", "宿": "su", "重": "chong", "幺": "yao", "应": "ying", "卜": "bu", "薄": "bo", "贲": "ben", "晁": "chao",
    "褚": "chu", "郗": "xi", "郇": "xun", "纪": "ji", "阚": "kan", "郦": "li", "佴": "nai", "能": "nai", "粘": "nian",
    "强": "qiang", "瞿": "qu", "芮": "rui", "撒": "sa", "佘": "she", "厍": "she", "殳": "shu", "眭": "sui", "台": "tai",
    "佟": "tong", "相": "xiang", "胥": "xu", "禤": "xuan", "臧": "zang", "藏": "zang", "仉": "zhang", "宁": "ning",
    "曲": "qu", "石": "shi", "长": "chang", "万": "wan", "沈": "shen", "贾": "jia", "俞": "yu", "余": "yu", "费": "fei",
    "洪": "hong", "章": "zhang", "盛": "sheng", "曹": "cao", "薛": "xue", "阎": "yan", "闫": "yan", "尹": "yin", "卢": "lu",
    "陆": "lu", "行": "xing", "过": "guo", "缴": "jiao", "晟": "cheng", "不": "fou", "难": "ning", "藉": "ji", "繁": "po",
    "适": "kuo", "撖": "han", "亓": "qi", "禚": "zhuo", "昝": "zan", "辗": "zhan", "占": "zhan", "沃": "wo", "莘": "shen",
    "谷": "gu", "红": "hong", "扎": "zha", "炅": "gui", "妫": "gui", "郄": "qie", "郤": "xi", "郏": "jia", "郜": "gao",
}  # fmt: skip
COMPOUND_SURNAMES = {
    "欧阳": "ou yang", "尉迟": "yu chi", "单于": "chan yu", "万俟": "mo qi", "长孙": "zhang sun", "令狐": "ling hu",
    "澹台": "tan tai", "夏侯": "xia hou", "鲜于": "xian yu", "呼延": "hu yan", "濮阳": "pu yang", "淳于": "chun yu",
    "公冶": "gong ye", "太叔": "tai shu", "申屠": "shen tu", "公孙": "gong sun", "仲孙": "zhong sun", "轩辕": "xuan yuan",
    "钟离": "zhong li", "宇文": "yu wen", "慕容": "mu rong", "司徒": "si tu", "司空": "si kong", "司马": "si ma",
    "诸葛": "zhu ge", "上官": "shang guan", "东方": "dong fang", "皇甫": "huang fu", "闻人": "wen ren", "赫连": "he lian",
    "宗政": "zong zheng", "拓跋": "tuo ba", "独孤": "du gu", "南宫": "nan gong", "端木": "duan mu", "西门": "xi men",
    "百里": "bai li", "东郭": "dong guo", "第五": "di wu", "闾丘": "lv qiu", "乐正": "yue zheng", "亓官": "qi guan",
    "子车": "zi ju", "颛孙": "zhuan sun", "巫马": "wu ma", "公羊": "gong yang", "谷梁": "gu liang", "宰父": "zai fu",
    "公西": "gong xi", "漆雕": "qi diao", "壤驷": "rang si", "公良": "gong liang", "夹谷": "jia gu", "段干": "duan gan",
    "南门": "nan men", "羊舌": "yang she", "微生": "wei sheng", "梁丘": "liang qiu", "左丘": "zuo qiu", "区阳": "ou yang",
}  # fmt: skip


def clean_name(text: str) -> str:
    """One spelling: no spaces inside a Chinese name, one kind of dot in 买买提·吾守尔, single spaces between Latin words."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text.replace("．", "·")))
    plain = re.sub(r"\s+", " ", _DOTS.sub("·", plain)).strip(" ·")
    return _GAP_BESIDE_HAN.sub("", plain)


def sort_key(name: str) -> str:
    """Pinyin in small letters without spaces (chenwangshu), surnames by their own readings."""
    return "".join(_syllables(clean_name(name)))


def initials(name: str) -> str:
    return "".join(part[0] for part in _syllables(clean_name(name)))


def tokens(name: str) -> list[str]:
    """What the name is found by: its characters, its neighbouring pairs, and every beginning of its initials and its pinyin."""
    plain = clean_name(name)
    found = set(_letters_tokens(plain))
    for run in _HAN_RUN.findall(plain):
        found.update(run)
        found.update(_pairs(run))
    return sorted(found)


def query_tokens(q: str) -> list[str]:
    """The tokens a name must all have to answer the words typed: characters, initials, pinyin or characters then letters.

    Nothing typed asks for nothing; signs that no name is found by (digits, punctuation) ask for what no name has.
    """
    plain = clean_name(q)
    found: set[str] = set()
    for run in _HAN_RUN.findall(plain):
        found.update(_pairs(run) or run)
    letters = "".join(_LETTERS.findall(plain.lower().replace("ü", "v")))
    if letters:
        found.add((MARK + _spoken_before(plain, letters) + letters)[:TOKEN_LENGTH])
    return sorted(found) or ([MARK] if plain else [])


def _spoken_before(plain: str, letters: str) -> str:
    """Letters typed after characters (陈ws, 陈wang) continue them: as initials when they hold no vowel, else as pinyin."""
    head = _HAN_RUN.match(plain)
    if head is None:
        return ""
    return sort_key(head.group()) if re.search("[aeiouv]", letters) else initials(head.group())


def _letters_tokens(plain: str) -> list[str]:
    spoken = {sort_key(plain), initials(plain)}
    spoken |= {word.replace("v", "u") for word in spoken}  # 吕 is typed lv and lu
    return [MARK + word[:end] for word in spoken for end in range(1, min(len(word), TOKEN_LENGTH - 1) + 1)]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


@lru_cache(maxsize=65536)
def _syllables(plain: str) -> tuple[str, ...]:
    parts: list[str] = []
    for piece in re.findall(f"[{_HAN}]+|[^{_HAN}]+", plain):
        if _HAN_RUN.match(piece):
            parts += _spoken(piece, as_name=not parts and "·" not in plain)
        else:
            parts += _LETTERS.findall(piece.lower())
    return tuple(parts)


def _spoken(han: str, *, as_name: bool) -> list[str]:
    surname: list[str] = []
    if as_name:
        if han[:2] in COMPOUND_SURNAMES and len(han) > 2:
            surname, han = COMPOUND_SURNAMES[han[:2]].split(), han[2:]
        elif han[0] in SURNAMES:
            surname, han = [SURNAMES[han[0]]], han[1:]
    given = lazy_pinyin(han, style=Style.NORMAL, errors="ignore", v_to_u=False)
    return surname + [part for part in given if part]
