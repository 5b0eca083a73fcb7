"""What people and companies are called in different parts of the world. All of them are invented."""

import unicodedata
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Culture:
    """Given names, family names, and the words that company names begin with."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    roots: tuple[str, ...]


def _culture(given: str, family: str, roots: str) -> Culture:
    return Culture(tuple(given.split()), tuple(family.split()), tuple(roots.split(", ")))


CULTURES = {
    "english": _culture(
        "Olivia James Charlotte Daniel Grace Marcus Hannah Owen Claire Victor Priscilla Nathan Joanna Caleb Ruth Simon",
        "Whitfield Carter Ashdown Brooks Mercer Holloway Pryce Bennett Lockhart Sinclair Doyle Prescott Hale Barrett",
        "Ashgrove, Bellweather, Cobalt Ridge, Dunmore, Fairholme, Harborview, Ironbridge, Larchmont, Millbrook, "
        "Northfield, Oakhurst, Pemberton, Redfern, Stonehaven, Tamarack, Whitcombe, Applegarth, Birchmount, "
        "Clearwater Bay, Driftwood, Elkhorn, Foxglove, Granite Falls, Hollister Creek, Inglenook, Juniper Hill, "
        "Lanternfield, Meadowlark, Osprey Point, Quarry Lane, Rosewater, Sandpiper, Thistledown, Wolf River",
    ),
    "german": _culture(
        "Lena Jonas Katharina Felix Miriam Sebastian Annika Tobias Greta Matthias Judith Florian Ulrike Jürgen",
        "Becker Schäfer Vogel Krüger Brandt Hofmann Lehmann Winkler Böhm Seidel Ziegler Köhler Arnold Weiß",
        "Falkenstein, Lindauer, Rheintal, Nordheide, Steinbach, Wiesengrund, Morgenroth, Kaltenbach, Auersberg, "
        "Oberländer, Schönfeld, Tannhof",
    ),
    "nordic": _culture(
        "Astrid Lars Ingrid Emil Sigrid Anders Freja Magnus Linnéa Søren Elin Håkon Maja Pekka",
        "Lindgren Nilsen Bergström Holm Dahl Sørensen Nyberg Haugen Virtanen Ekström Thorsen Åkesson Lund Korhonen",
        "Fjordlund, Skogsberg, Havnes, Bjørkdal, Sølvberg, Vintergård, Norrvik, Lillehav, Granholm, Kvarnby",
    ),
    "french": _culture(
        "Camille Antoine Élodie Mathieu Chloé Guillaume Sandrine Étienne Manon Bastien Noémie Laurent Aurélie Thierry",
        "Moreau Lefèvre Girard Roussel Fontaine Chevalier Marchand Bouvier Perrin Gauthier Renaud Delattre Collet",
        "Beaulieu, Clairval, Montferrand, Rivoire, Sablière, Valombre, Hautefort, Belleroche, Fontenac, Garrigue",
    ),
    "spanish": _culture(
        "Lucía Javier Valentina Andrés Carmen Diego Mariana Sergio Paula Rodrigo Elena Iván Ximena Tomás",
        "García Fernández Rojas Navarro Herrera Salazar Ibáñez Cortés Molina Paredes Vargas Núñez Escobar Quiroga",
        "Valdemar, Arroyo Claro, Sierra Nueva, Costalinda, Montealto, Piedrablanca, Almendral, Peñalosa, Encinar, "
        "Robledo",
    ),
    "portuguese": _culture(
        "Beatriz João Larissa Rafael Fernanda Thiago Letícia Gustavo Joana Caio Renata Murilo Inês Nuno",
        "Almeida Carvalho Teixeira Figueiredo Moura Barbosa Rezende Antunes Cardoso Nogueira Pacheco Simões Araújo",
        "Serra Verde, Pinheiral, Aroeira, Itapoã, Campos Novos, Jequitibá, Lagoa Clara, Ribeirão, Ipê Roxo",
    ),
    "italian": _culture(
        "Giulia Matteo Francesca Davide Chiara Stefano Elisa Lorenzo Silvia Paolo Martina Riccardo Niccolò Ilaria",
        "Conti Ferrari Galli Moretti Ricci Barbieri Lombardi Rinaldi Caruso Fabbri Marini Sorrentino Villa Testa",
        "Valbruna, Montesole, Roccaforte, Lagomare, Serravento, Castelverde, Olmeto, Terralba, Ginestra",
    ),
    "slavic": _culture(
        "Agnieszka Tomasz Zuzana Marek Jana Piotr Katarzyna Ondřej Ivana Łukasz Dagmara Petr Milena Bartosz",
        "Nowak Kowalczyk Dvořák Zieliński Horák Wójcik Kučera Mazur Procházka Jankowski Král Sikora Wrona Havel",
        "Dębowiec, Zielonka, Modrzew, Podlesie, Morawa, Tatranka, Brzoza, Lipowiec, Karkonosz",
    ),
    "japanese": _culture(
        "Haruka Kenji Yuki Takashi Aiko Daisuke Naoko Ryo Emi Shinji Mai Kazuo Sakura Hiroshi",
        "Sato Tanaka Kobayashi Ito Yamamoto Nakajima Ogawa Matsuda Ishikawa Kondo Hasegawa Endo Fujita Okada",
        "Kitano, Fujimori, Shirakawa, Takamine, Mizuki, Nagisa, Sakuragi, Tsubame, Wakaba, Yamabuki",
    ),
    "indian": _culture(
        "Ananya Arjun Meera Rohan Kavya Vikram Nandini Siddharth Pooja Karthik Shreya Aditya Lakshmi Farhan",
        "Iyer Sharma Menon Kulkarni Reddy Chatterjee Nair Bhatt Desai Mukherjee Pillai Joshi Qureshi Hegde",
        "Narmada, Saptagiri, Kaveri, Sahyadri, Vindhya, Godavari, Nilgiri, Arohan, Chandrika, Mayura",
    ),
    "arabic": _culture(
        "Layla Omar Noor Khalid Salma Tariq Rania Yousef Huda Karim Dina Faisal Maryam Samir",
        "Haddad Mansour Khoury Nasser Rahman Sabbagh Farouk Darwish Qasim Hamdan Zayed Shaheen Tawfik Barakat",
        "Al Waha, Najma, Dar Al Safa, Jabal, Marsa, Rawabi, Sahara Bay, Zahra, Manar, Yasmin",
    ),
    "african": _culture(
        "Amara Chidi Wanjiru Kwame Zanele Tunde Nia Sipho Adaeze Kofi Thandiwe Emeka Akinyi Baraka",
        "Okonkwo Mwangi Mensah Dlamini Adeyemi Otieno Nkosi Balogun Kamau Asante Eze Ndlovu Wekesa Boateng",
        "Savanna Ridge, Kilima, Zuri, Umoja, Lekki Bay, Nyota, Sankofa, Jabali, Msimu, Tamu",
    ),
}

LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "đ": "d", "ı": "i", "ä": "ae", "ö": "oe", "ü": "ue"}
)


def ascii_of(text: str) -> str:
    """`text` as it is written in addresses: without diacritics, and without what has no Latin letters."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    return plain.encode("ascii", "ignore").decode()


def slug(text: str, *, between: str) -> str:
    """The letters and digits of `text` in lower case, its words joined by `between`."""
    kept = "".join(char if char.isalnum() else " " for char in ascii_of(text).lower().replace("'", ""))
    return between.join(kept.split())


def person(rng: Random, home: str) -> str:
    """A full name, mostly of the culture `home`."""
    culture = CULTURES[home if rng.random() < 0.8 else rng.choice(list(CULTURES))]
    return f"{rng.choice(culture.given)} {rng.choice(culture.family)}"
