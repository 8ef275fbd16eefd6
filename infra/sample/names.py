"""Names and addresses of the sample: common ones of Central Java, put together by chance."""

from random import Random

MEN = (
    "Slamet", "Suparman", "Sukirman", "Wagiman", "Sutrisno", "Mulyono", "Sugiyanto", "Paryono", "Suwarno", "Rohmat",
    "Tumijo", "Kasmin", "Sumardi", "Haryanto", "Nur Rohim", "Ahmad Sodikin", "Muhammad Arifin", "Budi Santoso",
    "Joko Purnomo", "Agus Setiawan", "Eko Prasetyo", "Dwi Cahyono", "Tri Widodo", "Sarjono", "Kuswanto", "Marsudi",
    "Jumadi", "Ngadiman", "Supriyadi", "Teguh Wibowo", "Sunaryo", "Bambang Irawan", "Khoirul Anam", "Zaenal Abidin",
)  # fmt: skip
WOMEN = (
    "Sutarmi", "Sumiyati", "Ngatmini", "Sri Wahyuni", "Siti Aminah", "Siti Khotijah", "Sulastri", "Partini",
    "Rumini", "Tumini", "Kasmirah", "Suparti", "Endang Susilowati", "Wiwik Handayani", "Dwi Lestari", "Tri Rahayu",
    "Nur Hidayah", "Umi Kulsum", "Ratna Sari", "Yuliana", "Istiqomah", "Musrifah", "Marsini", "Juwariyah",
    "Painah", "Sarinem", "Lasmini", "Muntamah", "Siti Zulaikah", "Puji Astuti", "Rohmah", "Sukinah",
)  # fmt: skip
BOYS = (
    "Adi", "Rizki", "Fajar", "Bagas", "Dimas", "Ilham", "Galih", "Rafi", "Yoga", "Aldi", "Bayu", "Faisal", "Gilang",
    "Hafiz", "Iqbal", "Kevin", "Naufal", "Reza", "Satria", "Wahid",
)  # fmt: skip
GIRLS = (
    "Ayu", "Dewi", "Fitri", "Intan", "Nadia", "Putri", "Rina", "Salsa", "Tiara", "Wulan", "Anisa", "Bella", "Citra",
    "Dinda", "Eka", "Hana", "Laila", "Maya", "Nabila", "Zahra",
)  # fmt: skip
SECOND = (
    "Saputra", "Kurniawan", "Ramadhan", "Pratama", "Nugroho", "Wicaksono", "Maulana", "Hidayat", "Firmansyah",
)  # fmt: skip
SECOND_WOMEN = ("Lestari", "Rahmawati", "Puspitasari", "Anggraini", "Safitri", "Oktaviani", "Maharani", "Kusuma")
HAMLETS = ("Krajan", "Sidomulyo", "Ngadirejo", "Kaliwungu Lor", "Gunungsari", "Tlogo", "Wonosari", "Kebonagung")


def adult(chance: Random, *, woman: bool) -> str:
    return chance.choice(WOMEN if woman else MEN)


def child(chance: Random, *, woman: bool) -> str:
    first, second = (GIRLS, SECOND_WOMEN) if woman else (BOYS, SECOND)
    return f"{chance.choice(first)} {chance.choice(second)}"


def address(chance: Random, village: str) -> str:
    """`village` is its name."""
    neighbourhood, ward = chance.randint(1, 8), chance.randint(1, 5)
    return f"Dusun {chance.choice(HAMLETS)} RT {neighbourhood:03} RW {ward:03}, Desa {village}"
