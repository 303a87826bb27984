"""What the demo company, Fernhill Coffee, sells, plans, announces and shows on its site."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in euro cents of the list price; `weight` how often it is bought."""

    sku: str
    title: str
    price: int
    weight: int
    kind: str


PRODUCTS: tuple[Product, ...] = (
    Product("ESP-LINA", "Lina espresso machine", 54900, 3, "machine"),
    Product("ESP-LINA-D", "Lina Duo espresso machine, dual boiler", 119900, 1, "machine"),
    Product("ESP-ORSO", "Orso bean-to-cup machine", 79900, 2, "machine"),
    Product("ESP-PICO", "Pico travel espresso press", 8900, 4, "machine"),
    Product("FLT-ALBA", "Alba filter coffee machine", 18900, 3, "machine"),
    Product("FLT-MOKA3", "Moka pot, 3 cups", 2990, 5, "brewer"),
    Product("FLT-MOKA6", "Moka pot, 6 cups", 3990, 4, "brewer"),
    Product("FLT-V1", "Ceramic pour-over dripper", 2490, 6, "brewer"),
    Product("FLT-PRESS", "French press, 1 litre", 3490, 5, "brewer"),
    Product("FLT-COLD", "Cold brew carafe", 3290, 4, "brewer"),
    Product("GRD-MOLE", "Mole electric grinder", 16900, 4, "grinder"),
    Product("GRD-MOLEPRO", "Mole Pro grinder, 64 mm burrs", 38900, 1, "grinder"),
    Product("GRD-HAND", "Badger hand grinder", 7990, 5, "grinder"),
    Product("BEA-HOUSE-250", "House Blend, 250 g", 890, 16, "beans"),
    Product("BEA-HOUSE-1000", "House Blend, 1 kg", 2890, 14, "beans"),
    Product("BEA-ETH-250", "Ethiopia Guji natural, 250 g", 1290, 10, "beans"),
    Product("BEA-COL-250", "Colombia Huila washed, 250 g", 1190, 10, "beans"),
    Product("BEA-BRA-1000", "Brazil Cerrado espresso, 1 kg", 2690, 9, "beans"),
    Product("BEA-KEN-250", "Kenya Nyeri AA, 250 g", 1490, 6, "beans"),
    Product("BEA-DECAF-250", "Decaf Sugarcane, 250 g", 1190, 7, "beans"),
    Product("BEA-XMAS-250", "Winter Blend, 250 g", 1190, 5, "beans"),
    Product("BEA-SET4", "Tasting box, 4 x 100 g", 2490, 8, "beans"),
    Product("ACC-PAPER", "Paper filters, 100 pieces", 590, 12, "accessory"),
    Product("ACC-KETTLE", "Gooseneck kettle", 6990, 4, "accessory"),
    Product("ACC-SCALE", "Brew scale with timer", 4990, 4, "accessory"),
    Product("ACC-TAMP", "Tamper, 58 mm", 3490, 3, "accessory"),
    Product("ACC-JUG", "Milk jug, 350 ml", 2290, 5, "accessory"),
    Product("ACC-CUP2", "Espresso cups, set of 2", 1990, 6, "accessory"),
    Product("ACC-CUP4", "Cappuccino cups, set of 4", 3990, 4, "accessory"),
    Product("ACC-TRAVEL", "Travel mug, 400 ml", 2690, 6, "accessory"),
    Product("ACC-TIN", "Airtight coffee tin", 1890, 5, "accessory"),
    Product("CLN-DESC", "Descaler, 500 ml", 1290, 8, "care"),
    Product("CLN-TABS", "Cleaning tablets, 40 pieces", 1490, 7, "care"),
    Product("CLN-FILTER", "Water filter cartridge", 1690, 7, "care"),
    Product("CLN-SEAL", "Group head seal kit", 1190, 3, "care"),
    Product("GFT-50", "Gift card 50", 5000, 3, "gift"),
)

OFFICE_PRODUCTS: tuple[Product, ...] = (
    Product("B2B-BEA-6", "House Blend office case, 6 x 1 kg", 15900, 10, "beans"),
    Product("B2B-BEA-12", "Espresso office case, 12 x 1 kg", 29900, 6, "beans"),
    Product("B2B-ORSO-XL", "Orso XL office machine", 249000, 1, "machine"),
    Product("B2B-CUPS", "Paper cups, 1,000 pieces", 7900, 6, "accessory"),
    Product("B2B-MILK", "Oat drink, 24 x 1 l", 5490, 5, "accessory"),
    Product("B2B-CARE", "Office care kit", 8900, 4, "care"),
    Product("B2B-GRIND", "Mole Pro grinder, 64 mm burrs", 38900, 2, "grinder"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription on offer. `price` in euro cents a period of `months`."""

    code: str
    title: str
    price: int
    months: int
    office: bool
    weight: int


PLANS: tuple[Plan, ...] = (
    Plan("bean-club-s", "Bean Club, 2 bags a month", 1990, 1, office=False, weight=6),
    Plan("bean-club-l", "Bean Club, 1 kg a month", 2690, 1, office=False, weight=4),
    Plan("care-home", "Machine Care, home", 2990, 3, office=False, weight=5),
    Plan("office-15", "Office Coffee, up to 15 people", 14900, 1, office=True, weight=5),
    Plan("office-50", "Office Coffee, up to 50 people", 38900, 1, office=True, weight=3),
    Plan("care-office", "Machine Care, office", 19900, 3, office=True, weight=4),
)

NEWSLETTERS: tuple[str, ...] = (
    "New harvest: {bean} is here",
    "Free shipping this weekend",
    "How to get a better espresso at home",
    "Your machine deserves a spring clean",
    "Meet the farmers: a visit to {place}",
    "20 % off grinders until Sunday",
    "The brew guide: {method}",
    "Back in stock: {bean}",
    "Five minutes, one perfect {method}",
    "Winter Blend: only while it lasts",
    "A small thank-you from the roastery",
    "What our tasters drank this month",
)
BEANS: tuple[str, ...] = (
    "Ethiopia Guji",
    "Kenya Nyeri",
    "Colombia Huila",
    "Brazil Cerrado",
    "Decaf Sugarcane",
)
ORIGINS: tuple[str, ...] = ("Huila", "Guji", "Nyeri", "Cerrado", "Antigua")
METHODS: tuple[str, ...] = ("pour-over", "French press", "moka pot", "cold brew", "flat white")

SITE = "https://www.fernhill.example"
PAGES: tuple[tuple[str, str], ...] = (
    ("/", "Fernhill Coffee"),
    ("/coffee", "All coffees"),
    ("/machines", "Machines"),
    ("/grinders", "Grinders"),
    ("/guides/espresso", "Brew guide: espresso"),
    ("/guides/pour-over", "Brew guide: pour-over"),
    ("/bean-club", "Bean Club"),
    ("/office", "Coffee for offices"),
    ("/help/descaling", "How to descale your machine"),
    ("/help/delivery", "Delivery and returns"),
    ("/account/orders", "Your orders"),
    ("/account/subscription", "Your subscription"),
)
REFERRERS: tuple[str, ...] = (
    "",
    "",
    "https://search.example/",
    "https://social.example/",
    "https://coffeeblog.example/",
)
REVIEWS: dict[int, tuple[str, ...]] = {
    5: ("Exactly what I hoped for.", "Best coffee I have had at home.", "Fast delivery, great quality.", ""),
    4: ("Very good, packaging could be smaller.", "Nice product, does what it should.", ""),
    3: ("It is fine, nothing special.", "Good, but pricey."),
    2: ("Took far too long to arrive.", "Smaller than I thought."),
    1: ("Arrived a week late and nobody answered.", "Stopped working after a few days."),
}
