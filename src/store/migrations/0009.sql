-- What the editor keeps beside the text of a report.

-- Which piece of the machine's draft stands for which stretch of the recording, what was written
-- otherwise than heard, and what else was weighed: JSON lists. Written once, with the draft.
create table draft_evidence (
    report_id text primary key references report (id),
    timed text not null,
    changes text not null,
    choices text not null,
    spoken text not null
) strict;

-- Which stretches of a version a person saved stand as they were drafted:
-- a JSON list of [place in the version, place in the draft, length], in characters.
create table version_link (
    report_id text not null,
    number integer not null,
    pieces text not null,
    primary key (report_id, number),
    foreign key (report_id, number) references report_version (report_id, number)
) strict, without rowid;

-- How loud the recording is, one byte for each stretch; can be made again from the recording.
create table waveform (
    dictation_id text primary key references dictation (id),
    levels blob not null
) strict;

-- How a person has set up their pages. What a value means is the page's own business.
create table person_setting (
    person_id text not null references person (id),
    name text not null,
    value text not null,
    changed_at integer not null,
    primary key (person_id, name)
) strict, without rowid;

-- Somebody asks for a report that is in another's hands.
create table takeover (
    report_id text primary key references report (id),
    asked_by text not null references person (id),
    asked_at integer not null
) strict;

-- What people who type for an author, or a work type, are to know.
create table instruction (
    about text not null check (about in ('author', 'work-type')),
    owner text not null,
    body text not null,
    changed_by text not null references person (id),
    changed_at integer not null,
    primary key (about, owner)
) strict, without rowid;
