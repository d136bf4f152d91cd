-- Terms that a site, a department, an author or a patient's chart adds to the lexicon.
create table vocab_term (
    layer text not null check (layer in ('site', 'department', 'author', 'patient')),
    -- Empty for the site, else the department's name, the person's or the patient's id.
    owner text not null check ((layer = 'site') = (owner = '')),
    key text not null check (length(key) between 1 and 80),
    term text not null check (length(term) between 1 and 80),
    subject text not null,
    said text,
    added_by text not null,
    added_at integer not null,
    primary key (layer, owner, key)
) strict, without rowid;
