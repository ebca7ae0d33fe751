"""Invented names, of the kinds that one meets in such a coalition."""


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


FIRST = words(
    "Amina Andrés Anh Aisha Beatriz Carlos Chidi Daniela Deepak Elena Emeka Fatima Farid Gabriela Hassan "
    "Hyejin Ibrahim Ines Ivan Jamila Javier Jin Joana Kofi Laila Leila Lucía Luis Mahmoud María Mei Miguel "
    "Nadia Nguyen Noor Olena Omar Paolo Parisa Priya Rafael Rania Rosa Samir Sana Sofia Tariq Tatiana Thandi "
    "Thu Valeria Wei Yara Youssef Yuki Zainab Zoran Anna Ben Claire David Emily Frank Grace Hannah Jack Julia "
    "Kevin Laura Mark Nora Peter Ruth"
)
LAST = words(
    "Abbas Abebe Adeyemi Ahmed Alvarez Amadi Aziz Banerjee Bello Castillo Chen Cruz Dang Das Delgado Diaz "
    "Dogan Eze Farah Fernández Flores García Gupta Haddad Hakimi Hernández Hoang Ivanova Jimenez Kaya Khalil "
    "Khan Kim Kowalski Kumar Lam Li López Mansour Martínez Mbeki Mendoza Mensah Mohammed Molina Morales "
    "Nasser Ndiaye Nguyen Novak Okafor Okoye Ortiz Osei Park Patel Petrenko Pham Popescu Quintero Rahman "
    "Ramírez Reyes Rivera Romero Saleh Sato Silva Singh Soto Tadesse Tran Torres Vargas Vega Wang Yilmaz "
    "Zhang Baker Brooks Carter Cole Fisher Hughes Parker Reed"
)
# City, state, the first three digits of its ZIP codes, and how many of the people live there.
CITIES = [
    ("Boston", "MA", "021", 26),
    ("Worcester", "MA", "016", 12),
    ("Lowell", "MA", "018", 9),
    ("Springfield", "MA", "011", 8),
    ("Providence", "RI", "029", 9),
    ("Hartford", "CT", "061", 7),
    ("New York", "NY", "100", 10),
    ("Manchester", "NH", "031", 5),
    ("Cleveland", "OH", "441", 6),
    ("Detroit", "MI", "482", 8),
]
# Provider (a domain that no mail reaches), how many use it, how many of them confirm.
PROVIDERS = [
    ("gmail.example", 52, 0.92),
    ("yahoo.example", 13, 0.71),
    ("outlook.example", 12, 0.86),
    ("hotmail.example", 7, 0.84),
    ("icloud.example", 6, 0.9),
    ("mail.example", 10, 0.93),
]
MEMBERS = [
    ("Harbor Welcome Center", "nonprofit", "harbor"),
    ("Global Nurses Network", "association", "nurses"),
    ("Merrimack Skills Alliance", "agency", "merrimack"),
    ("New Neighbors Legal Aid", "nonprofit", "neighbors"),
    ("Bay State Community College Fund", "educator", "baystate"),
    ("Engineers Without Licenses", "association", "engineers"),
    ("Casa del Puente", "nonprofit", "puente"),
    ("Great Lakes Talent Exchange", "association", "greatlakes"),
]
EMPLOYERS = [
    "Mercy Valley Hospital",
    "Harbor Welcome Center",
    "Lakeshore Clinic",
    "Merrimack Skills Alliance",
    "Northgate Engineering",
    "City of Lowell",
    "Casa del Puente",
]
