"""A corpus for the linter of free texts. Every name, number and place of a person in it is invented.

`REFUSED` by what they hold: each must be refused. `MISSED` should be, and are not: what a linter that knows no names cannot see.
`PASSED` by what they speak of: each must pass. `ASKED` are refused although nothing is wrong with them.
"""

from __future__ import annotations

REFUSED: dict[str, tuple[str, ...]] = {
    "a name": (
        "Karan Belov was among the 24 rescued", "The ministry said that Karan Belov had been found", "Belov fled through a window",
        "Police named Karan Belov as the manager", "A worker, Dara Veltrin, told reporters of beatings", "KARAN BELOV was arrested",
        "Nguyễn Văn Zét was brought home on Monday", "Rescued: Karan, 24 others", "Siti Zulaikar said she was sold twice",
        "According to Belov, 12 people remain", "12 rescued, among them Tran Thi Zu", "Иванько Петрель был спасён, сообщает посольство",
        "Αννίτσα Βελώνη rescued with four others", "the Belov family asked the embassy for help", "a man named Karan was held",
        "a woman known as Dara was brought home", "identified only as Minh, the worker fled", "nicknamed 'Tiger', he ran the site",
        "Two were rescued, said Veltrin", "O'Belov and Mac Zeltrin were freed", "Jean-Pax Moreau was deported", "Belov was rescued with 24 others", "Zul-Kifli Harun-Zed escaped",
    ),
    "a title or initials": (
        "Mr. Thai was held", "Mrs Dara was freed", "Oknha Belov owns the site", "Samdech Zeltrin promised help", "Dr. Chan treated 12",
        "K. Belov was held", "K.B., a worker, fled", "N. was sold twice", "Lt. Col. Zeltrin led the raid", "Colonel Zeltrin led it",
        "Datuk Zulaik said so", "Tan Sri Zulaik confirmed 24", "Khun Somzet led the talks", "Ông Zét cho biết", "Daw Khin Zet was freed",
        "Encik Zulaik reported it", "Ibu Zulaika asked for help", "Señora Veltrina was found", "Commissioner Zeltrin said 12",
    ),
    "a relation": (
        "his wife asked the police for help", "her younger brother was also sold", "the mother of one victim paid a ransom",
        "a victim's father travelled to the border", "the sister of a rescued worker", "whose cousin had recruited them",
        "daughter Dara was freed", "my son is still inside, a parent said",
    ),
    "an age": (
        "a girl aged 16 was among them", "a 16-year-old was rescued", "a man, 24 years old, fled", "a boy of fifteen years of age",
        "a sixteen-year-old was freed", "age 17", "the youngest was aged just 14", "born in 1998", "born on 3 May 2001", "DOB 1.2.1999",
        "date of birth unknown", "cô gái 16 tuổi", "gadis berusia 16", "anak 15 tahun", "une fille de 16 ans", "aged seventeen",
    ),
    "a telephone number": (
        "call +855 12 345 678", "call +855 (12) 34-56-78", "tel. 012345678", "0123 456 789", "phone 012.345.678", "hotline 1-800-555-0199",
        "call 01\u201323\u201345\u201367\u201389", "WhatsApp +84 90 123 45 67", "call ០១២៣៤៥៦៧", "โทร ๐๘๑๒๓๔๕๖๗๘", "اتصل ٠١٢٣٤٥٦٧٨", "call 012/345/678",
        "call 0 1 2 3 4 5 6 7",
    ),
    "an e-mail address or account": (
        "write to help.desk@example.invalid", "on Telegram as @somebody", "help (at) example.invalid", "help at example dot invalid",
        "Telegram: dara_belov", "WeChat ID zeltrin88", "Facebook account karan.belov7", "Zalo: belov", "LINE ID: dara99",
        "message dara\uff20example", "t.me/belov", "see https://example.invalid/x", "see www.example.invalid", "posted on belov.com",
    ),
    "a number of papers": (
        "passport 12345678", "passport C123456", "passport no. N 123456", "ID card no. 012345", "identity card 987654", "national ID 123456",
        "B1234567", "account no. 001234", "IBAN GB00 TEST 0000 0000", "wallet 0x52908400098527886E0F7030069857D2E4169EE7",
        "wallet TXyz9abcDEFghiJKLmnoPQRstu", "case no. 2022-1178", "visa number 55012",
    ),
    "a vehicle": ("a van, plate 2A-1234", "plates 51F-123.45", "a car with registration WXY 1234", "license plate 1234", "car 2AB-3456 left"),
    "an address": (
        "held at 12 Street 271", "at No. 12, Road 5", "house 14", "room 305 of the hotel", "floor 9", "building 4 of the compound",
        "villa 7", "12 Jalan Zed", "12/3 Soi 4", "đường 12", "phum 4", "her home village in the delta", "his hometown of Zed",
        "a safe house in the capital", "the shelter on the river",
    ),
    "coordinates": (
        "at 11.5564, 104.9282", "at 11° 33' N", "11.5564 N", "10.627N 103.522E", "plus code 7P28HW4P+XC", "48P VU 12345 67890",
        "///filled.count.soap", "latitude 10.62712",
    ),
    "a venue": (
        "raid on the Golden Gryphon casino", "the Zeltrin compound was searched", "people are held in Gryphon Tower",
        "the White Sands hotel in Sihanoukville",
    ),
    "a quotation": (
        'the ministry said: "We have rescued more than a thousand of our citizens"', "«Мы спасли более тысячи наших граждан из лагеря»",
        "“They beat us every day and sold us to another company”", "「被害者は千人以上が救出されたと発表しました。さらに多くが残っています」",
    ),
    "a script without capitals": (
        "លោក សុខ ត្រូវបានជួយសង្គ្រោះ", "នាง ដារ៉ា អាយុ ១៦", "นายสมเซต ถูกช่วยเหลือ", "李某某被解救", "王小贝从园区逃出", "田中ゼト氏が救出された",
        "ဒေါ်ခင်ဇက် ကယ်တင်ခံရ", "किरण बेलोव को बचाया गया", "أنقذ كريم بيلوف", "김제트 씨가 구조됐다",
    ),
}  # fmt: skip
MISSED: tuple[str, ...] = (
    "karan belov was rescued with 24 others",  # written small
    "Belov was sold to another site",  # alone at the start of a sentence, before what is done to things, too
    "Chan Malay was rescued",  # the last word is a nationality
    "According to May, 12 remain",  # a month
    "More than a thousand citizens had been rescued from the compounds by Wednesday, and more would follow.",  # an article's own sentence
    "the only Ugandan at the site",  # one person, without any name
    "the dancer from the river village",
)  # fmt: skip
PASSED: dict[str, tuple[str, ...]] = {
    "offices": (
        "About 600 rescued, as the foreign ministry says", "The Ministry of Foreign Affairs speaks of more than 1,000", "The Ministry of Interior counts 368 requests",
        "Cambodia's National Police raided 12 sites", "The General Department of Immigration deported 41", "as the Malaysian embassy in Cambodia says",
        "The UN Special Rapporteur on Cambodia asked for action", "Interpol and ASEAN police met", "The U.S. Department of State says so",
        "The Prime Minister's office ordered inspections", "the International Organization for Migration sheltered 30", "via AP",
        "The provincial court charged nobody", "The Supreme Court confirmed it", "The consulate in Battambang helped 12",
        "Royal Thai Police and the Ministry of Justice cooperated", "Human Rights Watch counts otherwise", "The Immigration office took over 12 people",
    ),
    "places": (
        "Raids in Phnom Penh and Preah Sihanouk since early September", "An Giang police helped 40 people", "from Svay Rieng to Tay Ninh",
        "Of these, 24 were in Kandal province", "rescued in Sihanoukville", "in Ho Chi Minh City and Hanoi", "across the border of Tay Ninh",
        "Kayin State, Myanmar", "the Da Nang City police", "Bangkok, Chiang Rai and Tak", "South Korea and Sri Lanka asked for help", "in Long An and Kien Giang",
    ),
    "nationalities": (
        "Cambodia's police, Malaysians and Filipinos", "24 further Malaysians", "Vietnamese, Thais, Indonesians and Bangladeshis", "Taiwanese are counted apart from Chinese",
        "foreigners, Khmer not included", "stateless people among them", "Hong Kongers and South Koreans",
    ),
    "counts": (
        "1,000,000 riel seized", "Over 1,000 Vietnamese rescued", "between 540 and 660 people", "30, 45, 60 and 70 in four raids", "12 of 24 sites", "Half of the 1,200 were women",
        "Three children were among them", "The parts add up to 41, one fewer than said", "5 x 20 people", "24 (of 99) had papers", "10.5 percent more than in August",
        "3 to 5 a day, 1,234,567 in all", "minors and adults are not told apart", "two raids, 3 arrests, 12 computers",
    ),
    "days": (
        "from 2022-09-01 to 2022-09-21", "on Monday, 12 September 2022", "since early September", "by 21/09/2022", "on 1.9.2022", "2021/2022 and 2022-2023", "in the Lunar New Year week",
        "between 18 and 25 August", "at 10:30 on Tuesday", "2022-09-XX, the day is not given",
    ),
    "ways of working": (
        "lured through Telegram and Facebook", "contacted on WhatsApp, then sold", "passports of 24 workers were taken", "phones and passports were seized",
        "held until a ransom was paid", "families asked the embassy for help", "relatives of the missing met officials", "The so-called 'labour' cases are not counted",
        "COVID tests were negative", "Gambling suspects; how they overlap is not said", "Found is not yet rescued.", "The hour is given in two ways, so only the day is kept.",
        "No nationality is named at this place.", "They got away by themselves; no state brought them out.", "Rescue was delayed by floods.", "Workers said they were beaten.",
        "Officials told reporters the same", "Nobody fled", "He said so at a briefing", "Victims escaped at night; police found them", "Twelve buildings, no. of rooms unknown",
        "Children told the police", "Brokers sold them twice; no names are given", 'It says "about 600" in one place and 700 in another',
        "Vietnamese fled across the river", "Half said they had come by plane", "Đến nay chưa rõ số người", "Menurut kedutaan, 24 orang selamat",
    ),
}  # fmt: skip
#: Written when the linter was done for the others: texts to be refused, and texts to let pass.
UNSEEN_BAD: tuple[str, ...] = (
    "The trafficker Zoltrin Abek was convicted", "Abek, 31, said he was tricked", "Rescue of Lina Moravel confirmed", "a nurse named Prax helped",
    "Moravel told police everything", "the accountant (Lina M.) escaped", "Lina M. was freed", "Miss Abek came home", "Bà Zen kể lại", "Pak Zolto menelepon",
    "mother-of-two Lina Moravel", "her twin sister was found", "the father of the boy paid", "his elder son was taken", "the couple's daughter is missing",
    "17yo rescued", "she is 19", "a 24-yr-old man", "turned eighteen in the compound", "aged twenty-two", "người 19 tuổi", "ten-year-old child",
    "ring 097 555 0123", "phone: +95-9-555-01234", "0968.555.012", "tel 023 555 012 ext 4", "sms 85512555012", "dial one two three four five six seven",
    "lina.moravel@mail.invalid", "IG lina_mrvl", "Telegram @abekz", "signal: +855 12 555 012", "vk.com/abek", "user abek99 on WeChat",
    "passport N5550123", "IC 900101-14-5555", "citizen ID 079555012345", "bank acc 1234-5678-9012", "BTC bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "van with plates 3B 4455", "Toyota 2BC-1199", "51G-555.12", "apartment 4B", "Street 63, corner of 310", "near km 12 of the road to the coast", "12B Soi Zen",
    "hidden at the pagoda behind the market", "10.6104,103.5307", "N10 36.5 E103 31.2", "Jin Zed Palace was raided", "Zed City compound", "the KZ Park gate",
    "\u2018They locked us in a dark room and took our phones\u2019, he said", "officers rescued abek and moravel", "ដារ៉ា រត់គេច", "สมหญิงหนีออกมา",
)  # fmt: skip
UNSEEN_GOOD: tuple[str, ...] = (
    "The Foreign Ministry puts it at 1,100", "Ministry of Public Security, Vietnam", "Indonesian embassy staff met 62 citizens", "Cambodian authorities deported 119 Chinese",
    "Police in Kandal said five sites were shut", "The Interior Ministry gave no breakdown", "The number includes 12 minors", "About 100 were from Myanmar", "Thai and Lao officials met in Bokeo",
    "Fourteen Filipinos flew home on Tuesday", "Taiwan's National Police Agency counts 46", "Kenya asked Myanmar for help", "Repatriated by plane in three groups", "Not all had passports",
    "12 were treated in hospital", "The count ends on 31 August", "Between 3 and 9 September 22 calls came in", "Counted from August 2021 to date", "The embassy in Phnom Penh knows of 400 cases",
    "Local media in Sihanoukville report 30", "The Governor of Preah Sihanouk spoke of 60", "Most came from Ho Chi Minh City", "Royal Malaysia Police opened 72 cases", "The Council of Ministers met",
    "Human Rights Watch doubts the figure", "The ministry corrected itself: 38, not 83", "Ransoms of 3,000 to 10,000 dollars were asked", "Companies ran online games", "Some were sold several times",
    "Of 865 requests, 368 were looked into", "One country is not named", "Figures of the Labour Ministry differ", "Vietnamese, 42; Chinese, 3", "Uganda and Ethiopia are named as well", "The UN says at least 100,000",
    "Pig-butchering is named as the scheme", "No arrests were made", "The Military Police took part", "A hotline was opened in August", "Both ministries agree", "The Thai side handed over 41",
    "Hanoi asked for a list", "All Japanese, aged between twenty and fifty", "Inspections began in Koh Kong, Kampot and Kep", "Women: 12; men: 30",
)  # fmt: skip
ASKED: tuple[str, ...] = (
    "raids along National Road 4",  # a highway is not an address
    "a hotline, 1288 or 012-999-999, was opened",  # a public number
    "សង្គ្រោះបាន ៦០០ នាក់",  # 600 were rescued, in Khmer
    "救出された人は六百人",  # the same in Japanese
    "Workers aged 18 to 35 were sought",  # a range of a group
    "the Lower Mekong countries",  # a region that no register has
    "Khmer Krom were among them",
    "Operation Storm Makers went on",  # the name of an operation
    "see the Anti-Trafficking Act",  # a law
)  # fmt: skip
