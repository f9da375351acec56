"""What invented employers do, and the words their names are put together from."""

from hub_deploy.sample.people import words

TRADES: dict[str, tuple[str, ...]] = {
    "Farming and environment": ("Market Garden", "Tree Nursery", "Wetland Trust"),
    "Manufacturing": ("Precision Castings", "Packaging Works", "Bakery", "Boatworks", "Textiles"),
    "Energy": ("Wind Services", "Heat Networks", "Grid Services"),
    "Water and recycling": ("Recycling", "Water Services"),
    "Construction": ("Builders", "Joinery", "Roofing", "Electrical", "Civil Engineering"),
    "Retail and wholesale": ("Books", "Garden Centre", "Motor Repairs", "Food Market", "Cycles", "Wholesale"),
    "Transport and logistics": ("Freight", "Couriers", "Port Services", "Coaches"),
    "Hospitality and tourism": ("Hotel", "Kitchen", "Tea Rooms", "Tours"),
    "Digital and media": ("Software", "Games Studio", "Film and Sound", "Data Studio"),
    "Finance": ("Credit Union", "Accounts Office", "Insurance Brokers"),
    "Property": ("Lettings", "Homes Association", "Surveyors"),
    "Science and professional services": ("Laboratories", "Architects", "Law Practice", "Engineering Design", "Vets"),
    "Business support": ("Facilities", "Recruitment", "Security", "Office Services"),
    "Public services": ("Advice Service", "Records Office", "Rescue Service", "Planning Service"),
    "Education": ("Nursery", "Primary School", "Training Centre", "Tutors"),
    "Health and social care": ("Care Home", "Dental Practice", "Pharmacy", "Clinic", "Physiotherapy"),
    "Arts and sport": ("Theatre", "Gallery", "Leisure Centre", "Museum", "Football Club"),
    "Community and personal services": ("Hairdressing", "Food Bank", "Community Hub", "Laundry"),
}

FIRST_WORDS = words("""
    Amber Beacon Bramble Bright Cedar Cobalt Copper Coral Crimson Driftwood Dune Elder Ember Fern Fox Gorse
    Granite Hazel Heron Indigo Ivory Jade Juniper Kestrel Kingfisher Lantern Larch Linden Marble Marram Meadow
    Moss Nightjar Oak Olive Opal Otter Pebble Pine Quill Raven Redstart Rowan Saffron Sandpiper Scarlet Silver
    Skylark Slate Sorrel Swift Tern Thistle Umber Violet Walnut Willow Wren Yarrow Zephyr
""")
SECOND_WORDS = words("""
    Anchor Arch Bay Bell Bridge Brook Cape Cloud Compass Cove Crest Dale Feather Field Flint Gate Glade Grove
    Harbour Harvest Haven Hollow Island Key Knot Ladder Lake Lark Leaf Light Loop Mast Mill Moon Nest Orchard
    Path Pier Pond Quay Reed Ridge River Sail Shell Spark Spire Spring Star Stone Tide Tower Trail Vale Wave
    Well Wharf Wheel Wind Yard
""")
