"""All locales with their share of the customers, and names written in other scripts."""

from demo.pools.describe_locale import Locale, read_locale

CODES: tuple[str, ...] = ("GB", "US", "DE", "PL", "BR")
SHARES: tuple[float, ...] = (0.32, 0.14, 0.30, 0.16, 0.08)


def all_locales() -> tuple[Locale, ...]:
    """The pools in the order of `SHARES`."""
    return tuple(read_locale(code) for code in CODES)


OTHER_SCRIPTS: tuple[tuple[str, str, str, str], ...] = (
    ("Иван", "Петров", "Ivan", "Petrov"),
    ("Ольга", "Смирнова", "Olga", "Smirnova"),
    ("Дмитрий", "Кузнецов", "Dmitry", "Kuznetsov"),
    ("Наталья", "Попова", "Natalia", "Popova"),
    ("Сергій", "Шевченко", "Serhii", "Shevchenko"),
    ("Олена", "Коваленко", "Olena", "Kovalenko"),
    ("Алексей", "Соколов", "Alexey", "Sokolov"),
    ("Екатерина", "Морозова", "Ekaterina", "Morozova"),
    ("Андрій", "Бондаренко", "Andrii", "Bondarenko"),
    ("Мария", "Волкова", "Maria", "Volkova"),
    ("Георги", "Димитров", "Georgi", "Dimitrov"),
    ("Юлия", "Лебедева", "Yulia", "Lebedeva"),
    ("伟", "王", "Wei", "Wang"),
    ("芳", "李", "Fang", "Li"),
    ("娜", "张", "Na", "Zhang"),
    ("敏", "刘", "Min", "Liu"),
    ("静", "陈", "Jing", "Chen"),
    ("健太", "佐藤", "Kenta", "Sato"),
    ("花子", "鈴木", "Hanako", "Suzuki"),
    ("翔", "高橋", "Sho", "Takahashi"),
    ("美咲", "田中", "Misaki", "Tanaka"),
    ("大輔", "渡辺", "Daisuke", "Watanabe"),
    ("민준", "김", "Minjun", "Kim"),
    ("서연", "이", "Seoyeon", "Lee"),
    ("지훈", "박", "Jihoon", "Park"),
    ("수빈", "최", "Subin", "Choi"),
    ("Γιώργος", "Παπαδόπουλος", "Giorgos", "Papadopoulos"),
    ("Ελένη", "Νικολάου", "Eleni", "Nikolaou"),
)
"""(given, family, given in Latin letters, family in Latin letters)."""

HOSTILE_NAMES: tuple[str, ...] = (
    "<svg onload=alert(1)>",
    '=HYPERLINK("http://x","y")',
    "'; DROP TABLE customers; --",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "+cmd|' /C calc'!A0",
    "\u202eevil\u202c Müller",
    "محمد عبد الله",
    "שרה כהן",
    "👩‍👩‍👧‍👦 Familie 🦄",
    "Z̵̡̛a̶l̴g̵o̷ ̶N̸a̶m̵e̴",
    "null",
    "None",
    "undefined",
    "NaN",
    'O\'Brien-Smith "Bob"',
    "Robert\u200b\u200dTables",
    "ﬁancé Ǆungla",
    "A" * 300,
    "../../etc/passwd",
    "\\x00\\u0000 %00",
    "İstanbul ıIiİ ß ẞ",
    "-1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Ｆｕｌｌ　Ｗｉｄｔｈ",
    "javascript:alert(1)",
)

JOB_TITLES: tuple[str, ...] = (
    "Office Manager",
    "Head of Facilities",
    "Purchasing Manager",
    "Managing Director",
    "Executive Assistant",
    "Operations Manager",
    "Finance Manager",
    "HR Manager",
    "Team Assistant",
    "Accountant",
    "Buyer",
    "Founder",
    "Restaurant Manager",
)
STAFF: tuple[str, ...] = (
    "Hannah Fried",
    "Tomás Rocha",
    "Ewa Lis",
    "Callum Reid",
    "Jonas Brandt",
    "Mei Sullivan",
)
"""Own agents and account owners of the demo company."""
