"""Lists that invented names are drawn from: common names, mixed as in a large English city region; nobody is meant."""


def words(text: str) -> tuple[str, ...]:
    """Take a text apart at its blanks."""
    return tuple(text.split())


GIRLS = words("""
    Olivia Amelia Isla Ava Freya Lily Florence Mia Poppy Rosie Ella Grace Evie Sophie Phoebe Daisy Alice Ruby
    Erin Niamh Caitlin Megan Beth Molly Holly Abbie Jessica Chloe Ellie Lucy Hannah Martha Eve Orla Aoife Maisie
    Libby Keira Zara Maja Zofia Julia Aleksandra Ioana Andreea Aisha Fatima Maryam Amina Hafsa Safiya Layla Noor
    Ayaan Priya Anaya Mei Lin Xin Chiamaka Adaeze Temi Blessing Abena Thandi
""")
BOYS = words("""
    Oliver George Noah Arthur Harry Leo Jack Charlie Oscar Jacob Thomas Henry Theo James Joseph Daniel Liam
    Callum Owen Connor Luke Ben Sam Alfie Archie Tyler Jamie Kyle Adam Ethan Finley Lewis Max Dylan Ryan Michael
    Patrick Sean Declan Jakub Filip Kacper Szymon Andrei Stefan Mohammed Yusuf Ibrahim Omar Hamza Abdi Bilal
    Tariq Arjun Rohan Wei Jun Hao Chidi Emeka Tunde Kwame Kofi Tendai
""")
SURNAMES = words("""
    Jones Smith Williams Roberts Hughes Davies Evans Edwards Murphy Kelly Byrne Doyle Ryan Kennedy Walsh Quinn
    Brennan Farrell Maguire Nolan Rimmer Ashcroft Fairclough Lunt Molyneux Tyrer Halsall Rigby Wright Taylor
    Brown Wilson Johnson Robinson Thompson Hall Green Hill Carter Clarke Turner Parker Cooper Bennett Foster
    Marsh Webster Barton Leigh Hesketh Nowak Kowalska Wojcik Popescu Ionescu Ahmed Ali Hassan Hussain Khan Saleh
    Nasser Abdi Warsame Patel Sharma Singh Chen Wong Zhang Lau Okafor Adeyemi Mensah Boateng Moyo Banda
""")
