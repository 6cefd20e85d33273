"""Invented names for an invented kalurahan: nothing here is meant to be a real place."""

KALURAHAN = "Wringinjalu"
TOWN = "Lirbaya"

# (padukuhan, what older people call it). About half have an alias, as in the lists we have seen.
PADUKUHAN: tuple[tuple[str, str], ...] = (
    ("Kedungwiru", "Ngasinan"),
    ("Bulakjati", ""),
    ("Sendangsuko", "Ploso Legi"),
    ("Gondosari", ""),
    ("Watusigar", "Nglarangan"),
    ("Tegalwuni", ""),
    ("Jatirenggo", "Mbulu"),
    ("Kalipenjalin", ""),
    ("Randusewu", "Ngablak"),
    ("Pringkuku", ""),
    ("Sumberlumbu", "Kepuhan"),
    ("Karangwaluh", ""),
    ("Banyuripan", "Njetak"),
    ("Wanagiri Lor", ""),
    ("Wanagiri Kidul", ""),
    ("Kebonlegi", "Sidokerep"),
    ("Sawahombo", ""),
    ("Grenjengan", "Tlogomulyo"),
    ("Ngentakrejo", ""),
    ("Pelemsari", "Dukuhan"),
    ("Jurangmanis", ""),
    ("Lemahputih", "Gebangan"),
    ("Kemiriwolu", ""),
    ("Tunjungsono", "Brajan"),
    ("Mojorejo Wetan", ""),
    ("Mojorejo Kulon", ""),
    ("Sambiroto", "Klumpit"),
    ("Dlingseng", ""),
    ("Gunungwungkal", "Sekarpetak"),
    ("Pucangombo", ""),
    ("Kaligandu", "Trisik Wetan"),
    ("Asemdoyong", ""),
)

# More padukuhan for bigger lists: each name again in each quarter, then numbered.
QUARTERS = ("Lor", "Kidul", "Wetan", "Kulon", "Tengah", "Krajan", "Anyar")

KAMPUNG: tuple[str, ...] = (
    "Sidomakmur",
    "Pandeyan Lirbaya",
    "Kauman Lirbaya",
    "Jagalan Wetan",
    "Sayangan",
    "Kenarian",
    "Pasar Lawas",
    "Stasiun Lama",
    "Gendingan",
    "Telasih",
    "Loji Kidul",
    "Brotokusuman",
)

MOSQUES = (
    "Al Hidayatul Umam",
    "Baitul Makmur",
    "Nurul Falah",
    "At-Taqwa",
    "Darussalam",
    "Al-Ikhlas",
    "Miftahul Jannah",
    "As-Syifa",
    "Baiturrahim",
    "Al Barokah",
    "Nurul Huda",
    "Jami' Sabilillah",
)

FLOWERS = (
    "Melur",
    "Kantil",
    "Sekar Arum",
    "Wijayakusuma",
    "Soka",
    "Kemangi",
    "Dahlia",
    "Seruni",
    "Cempaka",
)

# "{place}", "{rt}", "{rw}", "{mosque}" and "{flower}" are filled in.
LANDMARKS = (
    "Pos Ronda",
    "Pos Ronda {place}",
    "Pos ronda {rt}",
    "pos ronda RT {rt}",
    "Pos Ronda RT {rt}",
    "POS RONDA {PLACE}",
    "Masjid {mosque}",
    "Masjid {mosque}",
    "Musala {mosque}",
    "Balai Padukuhan {place}",
    "Balai RW {rw}",
    "Balai serbaguna",
    "Posyandu {flower}",
    "Posyandu {flower}",
    "SDN {place}",
    "TK {flower} {place}",
    "PAUD {flower}",
    "Ruang Seni Karawitan",
    "Kandang Kelompok {place}",
    "Lumbung Pangan {place}",
    "KWT {flower}",
    "Pos Jaga Warga {place}",
    "Rumah Pak Dukuh",
    "Lapangan Voli RT {rt}",
    "Makam {place}",
    "Warung Bu {flower}",
)

PUBLIC_ROOMS = (
    "Ruang Akses Publik Lingkup RT {rt}",
    "Ruang Akses Publik Lingkup RT {rt}",
    "Ruang Publik RT {rt}",
)
