#!/usr/bin/env python3
"""Rebuilds the imported tables of this folder from public packages.

    python3 vocab/rebuild.py PACKAGES [--usage NOTES]

PACKAGES is a folder into which the packages that SOURCES.md names were unpacked.
NOTES is a text of medical notes that may be counted; the counts, in ten steps, become the
column `common` of words.tsv.
The tables written by hand are read, to leave out what they already have, and never written.
"""

import argparse
import collections
import csv
import math
import pathlib
import re
import sqlite3
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
WORDS_MAX = 8
BY_HAND = ("abbreviations anatomy devices drugs eponyms findings imaging labs lay organisms "
           "procedures").split()
COLUMNS = ["term", "subject", "common", "of", "note"]
ORGANISED_TAGS = {"INN", "USAN", "BAN", "ORANGE BOOK", "VANDF", "USP", "USP-RS", "JAN",
                  "GREEN BOOK"}
GENERIC_TAGS = ORGANISED_TAGS | {
    "WHO-DD", "EMA EPAR", "NCI", "MART.", "EP MONOGRAPH", "WHO-IP"}
MARKETED_TAGS = {"ORANGE BOOK", "VANDF"}
# Second words of European product names that are a generic's name with its maker's.
MAKERS = set(
    """TEVA SUN ACCORD HEXAL HOSPIRA MYLAN ACTAVIS RATIOPHARM SANDOZ KRKA ZENTIVA AUROBINDO PFIZER
    MEDAC BIOGARAN STADA APOTEX RANBAXY ARROW LUPIN DURA VIATRIS FRESENIUS BAXTER NORDIC
    NORMON EUGIA GENERICS PHARMA WINTHROP ACINO TORRENT""".split()
)
SALTS = set(
    """hydrochloride hcl sodium potassium calcium magnesium sulfate sulphate phosphate acetate
    maleate mesylate tartrate citrate fumarate succinate besylate hydrobromide bromide chloride
    nitrate monohydrate dihydrate hemihydrate anhydrous trihydrate hemifumarate tosylate
    bitartrate lactate gluconate malate disodium dipotassium dihydrochloride monosodium
    pamoate nitrite carbonate bicarbonate oxalate esylate camsylate isethionate medoxomil
    trometamol tromethamine meglumine edisylate hemisulfate monohydrochloride bisulfate
    hydroiodide iodide napsylate palmitate stearate valerate propionate dipropionate
    decanoate enanthate cypionate undecanoate xinafoate furoate axetil proxetil cilexetil
    pivoxil arginine lysine erbumine olamine diolamine benzathine procaine aluminium aluminum
    zinc lithium choline hyclate kamedoxomil alafenamide disoproxil etexilate mofetil
    ethanolate hexahydrate pentahydrate sesquihydrate heptahydrate trifluoroacetate
    ditosylate dimesylate glucuronate salicylate saccharate aspartate""".split()
)
STEMS = re.compile(
    r"(itis|osis|oses|oma|omas|omata|ectomy|ectomies|otomy|ostomy|oscopy|oscopic|plasty|pexy|"
    r"rrhaphy|graphy|metry|genesis|scope|rrhea|rrhoea|rrhagia|rrhagic|emia|emic|aemia|aemic|uria|uric|algia|algic|pathy|"
    r"pathic|pathies|megaly|penia|penic|cytosis|cytic|cyte|cytes|plegia|plegic|paresis|paretic|"
    r"phasia|phagia|phagic|pnea|pnoea|pneic|trophy|trophic|trophia|angiography|radiography|sonography|gram|"
    r"lysis|lytic|philia|phobia|plasia|plastic|sclerosis|sclerotic|stasis|"
    r"stenosis|stenotic|therapy|centesis|desis|ectasis|ectasia|ectatic|ectopic|"
    r"edema|oedema|emesis|esthesia|aesthesia|esthetic|kinesia|kinesis|lithiasis|malacia|"
    r"odynia|opia|opsia|opsy|orrhexis|ptosis|ptysis|spasm|tripsy|"
    r"cardial|cardia|cardium|cranial|dermal|dermic|derm|enteric|gastric|hepatic|renal|nephric|"
    r"neural|neuro|ocular|orbital|pleural|pulmonary|rectal|thoracic|vascular|venous|"
    r"vertebral|vesical|costal|carpal|tarsal|femoral|tibial|ulnar|humeral|palmar|plantar|"
    r"lingual|labial|buccal|nasal|pharyngeal|laryngeal|tracheal|bronchial|alveolar|ventricular|"
    r"atrial|septal|valvular|mural|luminal|mucosal|serosal|fascial|muscular|tendinous|"
    r"mycin|cillin|azole|statin|sartan|olol|dipine|prazole|tidine|oxacin|cycline|caine|azepam|"
    r"mab|nib|vir|cef|sulfa|zosin|triptan|setron|gliptin|gliflozin|glitazone|parin|"
    r"coccus|cocci|coccal|bacillus|bacilli|bacter|bacterial|virus|viral|fungal|mycosis|iasis|"
    r"globulin|toxin|antigen|antibody|ferritin|tropin|crine)$"
)
AFFIXES = re.compile(
    r"^(cardio|myo|neuro|osteo|arthro|gastro|hepato|nephro|pneumo|hemo|haemo|hemat|haemat|"
    r"lympho|leuko|leuco|thrombo|angio|cysto|uro|colpo|hystero|mammo|masto|rhino|oto|laryngo|"
    r"pharyngo|broncho|tracheo|oesoph|esoph|entero|procto|chole|cholecyst|lapar|thorac|"
    r"encephal|cerebr|meningo|myelo|radiculo|spondyl|chondro|teno|fibro|adeno|lipo|dermat|"
    r"kerato|ophthalm|blephar|retino|irido|sclero|dacryo|stomat|gloss|gingiv|odont|maxillo|"
    r"brachi|femoro|tibio|ileo|jejuno|duodeno|pyelo|uretero|urethro|vesico|vagino|salpingo|"
    r"oophor|orchi|epididym|prostat|phleb|arterio|athero|vaso|hyper|hypo|brady|tachy|dys|"
    r"peri|intra|inter|extra|supra|infra|sub|retro|endo|epi|trans|para|poly|hemi|pan|peri)"
)


def fold(text):
    """One space between words, curly quotes made plain."""
    return re.sub(r"\s+", " ", text.replace("\u2019", "'").replace("\u2013", "-")).strip()


def lower_first(text):
    """Sentence case to running case, leaving acronyms, eponyms and Greek letters alone."""
    words = text.split(" ")
    first = words[0]
    if len(first) > 1 and first[1:].islower() and "'" not in first:
        words[0] = first.lower()
    return " ".join(words)


def written_by_hand():
    known = set()
    for name in BY_HAND:
        path = HERE / f"{name}.tsv"
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            known.add(line.split("\t")[0].lower())
    return known


class Table:
    """Rows of one imported table, each term once, sorted."""

    def __init__(self):
        self.rows = {}

    def add(self, term, subject, common=0, of="", note=""):
        term = fold(term)
        key = term.lower()
        if not 2 < len(term) <= 80 or len(term.split()) > WORDS_MAX:
            return
        if not re.search(r"[A-Za-z]{3}", term) or re.search(r"[^A-Za-z0-9 '\-/.+]", term):
            return
        old = self.rows.get(key)
        if old is None or old[2] < common:
            self.rows[key] = (term, subject, common, of, note)

    def write(self, path, leave_out):
        rows = [row for key, row in sorted(self.rows.items()) if key not in leave_out]
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE,
                                escapechar=None, quotechar=None)
            writer.writerow(COLUMNS)
            for term, subject, common, of, note in rows:
                writer.writerow([term, subject, common or "", of, note])
        print(f"{path.name}: {len(rows)} rows")


# --- diseases and findings: ICD-10-CM ---

QUALIFIERS = re.compile(
    r",? (unspecified|not elsewhere classified|initial encounter|subsequent encounter|sequela|"
    r"NOS|NEC|so stated|not otherwise specified)\b.*$"
)


def icd_phrases(text):
    text = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)
    text = re.sub(r"^(Other|Unspecified|Other specified|Certain) ", "", fold(text))
    text = QUALIFIERS.sub("", text)
    text = re.sub(r"\b(of|in) unspecified .*$", "", text)
    text = re.sub(r", (unspecified|right|left|bilateral)\b.*$", "", text)
    text = re.sub(r"\b(right|left|bilateral|unspecified) ", "", text)
    if " (" in text or ";" in text:
        text = re.split(r";| \(", text)[0]
    parts = text.split(", ")
    yield lower_first(fold(parts[0]))
    if len(parts) == 2 and len(parts[1].split()) <= 2:
        yield lower_first(fold(f"{parts[1]} {parts[0][0].lower()}{parts[0][1:]}"))


def diseases(packages):
    table = Table()
    tabular = next(packages.rglob("icd10c*-tabular*.xml"))
    root = ElementTree.parse(tabular).getroot()
    for diag in root.iter("diag"):
        code = diag.findtext("name", "")
        if code[:1] in "VWXY":
            continue
        texts = [diag.findtext("desc", "")]
        for kind in ("inclusionTerm", "includes"):
            for note in diag.findall(f"{kind}/note"):
                texts.append(note.text or "")
        for text in texts:
            for phrase in icd_phrases(text):
                if re.search(r"\b(elsewhere|unspecified|other|classified)\b", phrase):
                    continue
                table.add(phrase, "finding", note="")
    return table


# --- drugs: FDA's NDC directory and UNII names ---


def drug_case(name):
    return name.lower()


def brand_case(name):
    return " ".join(w if w.isupper() and len(w) <= 3 else w.capitalize() for w in name.split())


def core(name):
    words = [w for w in re.split(r"[ ,]+", name.lower()) if w]
    while len(words) > 1 and words[-1] in SALTS:
        words.pop()
    return " ".join(words)


def step(count):
    """A count as one of ten steps: each step is a factor of about two and a half."""
    return 0 if count <= 0 else min(9, 1 + int(math.log(count, 2.5)))


def ndc(packages):
    generics, brands = collections.Counter(), {}
    facts = collections.defaultdict(lambda: (collections.Counter(), collections.Counter(), set()))
    product = next(packages.rglob("product.txt"))
    with product.open(encoding="latin-1", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            category = row["MARKETINGCATEGORYNAME"]
            kind = row["PRODUCTTYPENAME"]
            if "HOMEO" in category or kind not in (
                "HUMAN PRESCRIPTION DRUG", "HUMAN OTC DRUG", "VACCINE", "PLASMA DERIVATIVE",
                "CELLULAR THERAPY", "STANDARDIZED ALLERGENIC"):
                continue
            prescription = kind != "HUMAN OTC DRUG"
            listed = category in ("NDA", "ANDA", "BLA", "NDA AUTHORIZED GENERIC")
            if not prescription and not listed:
                continue
            parts = re.split(r",| and |;", row["NONPROPRIETARYNAME"])
            cores = [core(re.sub(r"\(.*?\)", "", p).strip()) for p in parts if p.strip()]
            for name in cores:
                if len(name.split()) <= 3:
                    generics[name] += 1
                    forms, routes, classes = facts[name]
                    forms[row["DOSAGEFORMNAME"].split(",")[0].lower()] += 1
                    for route in row["ROUTENAME"].split(";"):
                        routes[route.strip().lower()] += 1
                    if len(cores) == 1:
                        for found in re.findall(r"([^,]+) \[EPC\]", row["PHARM_CLASSES"]):
                            classes.add(found.strip())
            brand = fold(row["PROPRIETARYNAME"])
            plain = brand.lower()
            generic = " and ".join(cores[:3])
            same = any(core(plain).startswith(c.split(" ")[0]) for c in cores if c)
            if not same and len(brand.split()) <= 3 and not re.search(r"\d{2,}|%", brand):
                if prescription or len(brand.split()) <= 2:
                    old = brands.get(plain)
                    brands[plain] = (brand, generic, (old[2] if old else 0) + 1)
    return generics, brands, facts


def usual(counter, most=3):
    return "|".join(name for name, _ in counter.most_common(most) if name)


def drugs(packages):
    table, classes = Table(), set()
    generics, brands, facts = ndc(packages)
    for name, count in generics.items():
        forms, routes, groups = facts[name]
        classes |= groups
        note = ";".join([usual(forms), usual(routes), "|".join(sorted(groups)[:2])])
        table.add(drug_case(name), "generic", step(count), note=note.strip(";"))
    for brand, generic, count in brands.values():
        table.add(brand if brand != brand.upper() else brand_case(brand), "brand",
                  min(4, step(count)), of=generic if len(generic) < 60 else "")
    for name in classes:
        table.add(lower_first(re.sub(r" \[.*", "", name)), "drug-class", 2)
    display, tagged = {}, collections.defaultdict(set)
    names = next(packages.rglob("UNII_Names.txt"))
    rows = []
    with names.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 4:
                rows.append(parts)
    for name, kind, unii, shown in rows:
        display[unii] = shown
        match = re.match(r"^(.*) \[([A-Z.\- ]+)\]$", name)
        if match and match.group(2) in GENERIC_TAGS:
            tagged[unii].add(match.group(2))
            base = core(match.group(1))
            most = 2 if match.group(2) in ORGANISED_TAGS else 1
            if kind == "cn" and len(base.split()) <= most:
                if re.fullmatch(r"[a-z\-]+( [a-z\-]+)?", base):
                    marketed = match.group(2) in MARKETED_TAGS
                    table.add(base, "generic", 1 if marketed else 0)
    for name, kind, unii, shown in rows:
        if kind == "of" and re.fullmatch(r"[A-Z\-]{4,}", name) and tagged[unii]:
            table.add(core(name), "generic", 1 if tagged[unii] & MARKETED_TAGS else 0)
        if kind == "bn" and tagged[unii] and re.fullmatch(r"[A-Z][A-Z\-]{3,}( [A-Z]{2,})?", name):
            of = core(shown)
            if name.split()[-1] in MAKERS:
                continue
            table.add(brand_case(name), "brand", 0, of=of if len(of) < 40 else "")
    return table


# --- procedures, anatomy and devices: ICD-10-PCS and ICD-9-CM volume 3 ---


def procedures(packages):
    table = Table()
    base = sqlite3.connect(next(packages.rglob("icd10pcs.db")))
    for (name,) in base.execute("select distinct def_bp from pcs_body_part"):
        for part in name.split(" and "):
            table.add(lower_first(re.sub(r", (Right|Left|Bilateral|Upper|Lower)$", "", part)
                                  .lower()), "anatomy", 2)
    for term, content in base.execute("select term, content from pcs_index"):
        term = lower_first(fold(re.sub(r"\([^)]*\)|, (left|right)$", " ", term)))
        if not content.startswith("use "):
            if re.search(r"(ectomy|otomy|ostomy|plasty|scopy|pexy|rrhaphy|lysis|desis|graphy|"
                         r"centesis|tripsy)", term):
                table.add(term, "procedure", 2)
            continue
        words = content[4:]
        device = re.search(r"Device|Substitute|Stent|Graft|Catheter|Lead|Generator|Pump|Valve|"
                           r"Implant|Fixation|Prosthe|Monitor|Infus|Therap|Anti|Technol|Drug|"
                           r"Intralumin|Heart Assist|Extracorp|Liner|Stimul|Tissue Subst", words)
        table.add(term if device else term.lower(), "device" if device else "anatomy", 1)
    for column in ("ro_def", "dv_def", "qu_def"):
        for (text,) in base.execute(f"select distinct {column} from pcs_tree"):
            name = fold((text or "").split(":")[0])
            subject = {"ro_def": "procedure", "dv_def": "device", "qu_def": "procedure"}[column]
            if name and name != "No Qualifier" and name != "No Device":
                table.add(name.lower(), subject, 1)
    for (text,) in base.execute("select description from gems_i9_desc"):
        # The package lost the first letter of each of these; only whole later words are taken.
        for part in re.split(r", | for | with | by | and | of ", text)[1:]:
            part = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", part).strip(" ,")
            if re.search(r"(ectomy|otomy|ostomy|plasty|scopy|pexy|rrhaphy|graphy|gram)\b", part):
                table.add(part.lower(), "procedure", 1)
    return table


# --- body, state of health, organisms, instruments: WordNet ---

WORDNET_ROOTS = {
    "finding": ["illness", "symptom", "ill_health", "pathology", "physical_condition", "injury",
                "mental_disorder", "defect", "birth_defect", "syndrome"],
    "anatomy": ["body_part", "body_substance", "tissue", "cell", "bodily_structure"],
    "procedure": ["medical_procedure", "surgery", "medical_care", "diagnostic_procedure",
                  "medical_imaging"],
    "organism": ["microorganism", "virus", "fungus", "parasite", "bacteria", "worm", "arthropod"],
    "device": ["medical_instrument", "surgical_instrument", "prosthesis", "medical_dressing",
               "scope", "catheter", "bandage"],
    "lab": ["antibody", "enzyme", "hormone", "blood_group", "protein", "amino_acid", "vitamin"],
    "generic": ["medicine", "antibiotic", "narcotic"],
}


def wordnet(packages):
    table = Table()
    path = next(packages.rglob("data.noun"))
    names, parents = {}, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        head = line.split(" | ")[0].split(" ")
        offset, count = head[0], int(head[3], 16)
        names[offset] = [head[4 + 2 * i] for i in range(count)]
        pointers = head[5 + 2 * count:]
        parents[offset] = [pointers[i + 1] for i in range(0, len(pointers) - 3)
                           if pointers[i] in ("@", "@i") and len(pointers[i + 1]) == 8]
    roots = {}
    for subject, words in WORDNET_ROOTS.items():
        for offset, synonyms in names.items():
            if any(word in [s.lower() for s in synonyms] for word in words):
                roots.setdefault(offset, subject.strip())
    not_medical = {"arthropod", "worm", "animal"}

    def subject_of(offset, depth=0):
        if offset in roots:
            return roots[offset]
        if depth > 14:
            return None
        for parent in parents.get(offset, []):
            found = subject_of(parent, depth + 1)
            if found:
                return found
        return None

    for offset, synonyms in names.items():
        subject = subject_of(offset)
        if subject is None or not_medical & set(synonyms):
            continue
        for name in synonyms:
            table.add(name.replace("_", " "), subject, 0)
    return table


# --- single words ---


def scowl(packages):
    levels = {}
    folder = next(packages.rglob("scowl/english-words.10")).parent
    for variety in ("english", "american", "british", "american_variant_1", "british_variant_1"):
        for level in (10, 20, 35, 40, 50, 55, 60, 70, 80, 95):
            path = folder / f"{variety}-words.{level}"
            if path.exists():
                for word in path.read_text(encoding="latin-1").split():
                    if re.fullmatch(r"[a-z]{1,24}", word):
                        levels[word] = min(level, levels.get(word, 99))
    for word in "mr mrs ms dr jr sr etc vs ie eg am pm ok".split():
        levels.setdefault(word, 10)
    for path in folder.glob("*-contractions.*"):
        for word in path.read_text(encoding="latin-1").split():
            if re.fullmatch(r"[a-z]+'[a-z]+", word):
                levels.setdefault(word, 35)
    proper = {}
    for level in (10, 20, 35, 40, 50, 55, 60, 70, 80):
        for path in folder.glob(f"*-upper.{level}"):
            for word in path.read_text(encoding="latin-1").split():
                if re.fullmatch(r"[A-Z][a-z]+", word):
                    proper.setdefault(word, level)
        for path in folder.glob(f"*-proper-names.{level}"):
            for word in path.read_text(encoding="latin-1").split():
                if re.fullmatch(r"[A-Z][a-z]{2,}('s)?", word) and not word.endswith("'s"):
                    proper.setdefault(word, level)
    return levels, proper


def english(levels, proper):
    """Words of general English by how common they are: SCOWL's level, 10 the most common."""
    with (HERE / "english.tsv").open("w", encoding="utf-8") as out:
        out.write("word\tlevel\n")
        for word, level in sorted(levels.items()):
            if level <= 70:
                out.write(f"{word}\t{level}\n")
        for word, level in sorted(proper.items()):
            if levels.get(word.lower(), 99) > 70:
                out.write(f"{word}\t{min(70, max(60, level))}\n")


def words(levels, usage, tables):
    """Medical words that stand in no phrase: by their endings, and by use in notes."""
    table = Table()
    inside = {w for t in tables for key in t.rows for w in re.findall(r"[a-z]+", key)}
    for word, level in levels.items():
        if level >= 60 and len(word) > 5 and (STEMS.search(word) or AFFIXES.match(word)):
            if STEMS.search(word) or word in usage:
                table.add(word, "word", step(usage[word]))
    for word, count in usage.items():
        if len(word) > 3 and levels.get(word, 99) > 50 and (count >= 2 or word in inside):
            table.add(word, "word", step(count))
    for word in inside:
        if word not in table.rows and usage[word] and levels.get(word, 99) > 35:
            table.add(word, "word", step(usage[word]))
    return table


# --- forms that dictation makes freely: prefix and place, prefix and act, adverbs ---

PLACES = """abdominal acetabular alveolar aortic apical arterial articular auricular axillary
    biliary bronchial calcaneal capsular cardiac carinal carotid cellular cerebral cervical
    clavicular condylar conjunctival corneal coronal cortical costal cranial cutaneous dermal
    diaphragmatic discal ductal dural esophageal femoral fascial foraminal gastric glenoid
    gluteal hepatic hilar humeral iliac inguinal labial laryngeal lesional ligamentous lobular
    luminal lumbar malleolar mammary mandibular maxillary medullary meningeal mucosal mural
    muscular myocardial nasal nephric neural nuclear ocular oral orbital osseous ovarian
    palpebral pancreatic parenchymal patellar pelvic perineal peritoneal phrenic pharyngeal
    placental pleural portal prostatic pulmonary pyloric rectal renal retinal sacral scapular
    scleral scrotal septal spinal splenic sternal synovial tendinous testicular thecal thoracic
    tracheal trochanteric tubular tympanic umbilical ungual ureteral urethral uterine vaginal
    valvular vascular venous ventricular vertebral vesical vitreal""".split()
OF_PLACES = "intra extra peri sub supra infra retro trans inter para endo epi pre post".split()
ACTS = """dilated treated medicated operative procedural menopausal natal partum prandial
    surgical auricular ictal traumatic infectious viral streptococcal transplant load oxygenated
    stented existing cancerous malignant term morbid""".split()
STATES = """tender distended palpable icteric toxic purulent healing weightbearing ambulatory
    contributory displaced diagnostic compliant smoker productive reactive reducible obstructing
    obstructive occlusive enhancing calcified cardiac diabetic erythematous focal functional
    healed invasive ischemic labored pitting pruritic radiating specific steroidal tenderness
    union viable adherent adherence bilious bloody verbal fasting pathologic pregnant sustained
    traumatic ulcerated visualized visualization""".split()


def derived(known):
    table = Table()
    for place in PLACES:
        for prefix in OF_PLACES:
            table.add(prefix + place, "word")
            if prefix in ("intra", "sub", "trans", "peri", "retro", "extra"):
                table.add(prefix + place + "ly", "word")
    for act in ACTS:
        for prefix in ("pre", "post", "peri", "re"):
            table.add(prefix + act, "word")
    for state in STATES:
        table.add("non" + state, "word")
    table.rows = {key: row for key, row in table.rows.items() if key not in known}
    return table


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("packages", type=pathlib.Path)
    options.add_argument("--usage", type=pathlib.Path)
    arguments = options.parse_args()
    usage = collections.Counter()
    if arguments.usage:
        usage.update(re.findall(r"[a-z]+", arguments.usage.read_text(encoding="utf-8").lower()))
    hand = written_by_hand()
    levels, proper = scowl(arguments.packages)
    english(levels, proper)
    drug, disease = drugs(arguments.packages), diseases(arguments.packages)
    procedure, general = procedures(arguments.packages), wordnet(arguments.packages)
    single = words(levels, usage, [drug, disease, procedure, general])
    known = set(levels).union(*(table.rows for table in (drug, disease, procedure, general, single)))
    table = derived(known)
    table.write(HERE / "derived.tsv", hand)
    for name, table in [("fda", drug), ("icd10cm", disease), ("icd10pcs", procedure),
                        ("wordnet", general), ("words", single)]:
        table.write(HERE / f"{name}.tsv", hand if name != "words" else set())


if __name__ == "__main__":
    main()
