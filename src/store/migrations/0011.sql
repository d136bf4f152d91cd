-- Joined reports, answers that are spoken, passages that were put in, and what was really played.

-- A recording that is a report's beside the one it is heard with: what it had before another was
-- joined to it, the two in one after the join was undone, or an answer to a blank.
create table report_recording (
    dictation_id text primary key references dictation (id),
    report_id text not null references report (id),
    role text not null check (role in ('joined', 'answer'))
) strict, without rowid;

create index report_recording_by_report on report_recording (report_id);

-- A report that goes on in another. Its own text, flags and versions stay as they were; where the
-- join is undone it goes on by itself.
create table report_join (
    joined_id text not null references report (id),
    number integer not null check (number > 0),
    report_id text not null references report (id),
    -- The version that the join made of the report that goes on.
    version integer not null check (version > 1),
    -- The recording it was heard with before, and where the other's begins in the one of both;
    -- null where the join brought no recording.
    dictation_before text references dictation (id),
    offset_ms integer check (offset_ms >= 0),
    -- Whether the text that was heard of the other is a part of what the text is compared with.
    with_draft integer not null check (with_draft in (0, 1)),
    -- JSON list of [the flag here, the flag it stands for].
    flags text not null,
    joined_by text not null references person (id),
    joined_at integer not null,
    undone_by text references person (id),
    undone_at integer,
    primary key (joined_id, number),
    check (joined_id <> report_id),
    check ((undone_at is null) = (undone_by is null))
) strict, without rowid;

create unique index report_join_once on report_join (joined_id) where undone_at is null;
create index report_join_by_report on report_join (report_id, joined_at);

-- An author's answer to a blank, as a recording of its own, offered and not put in by itself.
create table spoken_answer (
    dictation_id text primary key references dictation (id),
    report_id text not null references report (id),
    flag_id text references flag (id),
    answered_by text not null references person (id),
    answered_at integer not null,
    -- What was heard, once it was.
    heard text,
    -- The words that the author took, and the version they stand in.
    taken text,
    version integer,
    state text not null check (state in ('offered', 'taken', 'left')),
    check ((state = 'taken') = (taken is not null))
) strict, without rowid;

create index spoken_answer_by_report on spoken_answer (report_id, answered_at);

-- The report whose blank a recording under way answers, and the flag of that blank.
alter table take add column answers_report text references report (id);
alter table take add column answers_flag text references flag (id);

-- Passages of normals that a person put into a report: not counted as typed while they stand.
create table inserted_passage (
    report_id text not null references report (id),
    number integer not null check (number > 0),
    body text not null check (length(body) > 0),
    primary key (report_id, number)
) strict, without rowid;

create index audit_verify on audit (seq) where act = 'verify-audit' and outcome = 'done';

-- Stretches of a recording that sounded in somebody's page, in the order they were told.
create table played (
    dictation_id text not null references dictation (id),
    person_id text not null references person (id),
    told_at integer not null,
    number integer not null,
    start_ms integer not null check (start_ms >= 0),
    end_ms integer not null check (end_ms > start_ms),
    primary key (dictation_id, person_id, told_at, number)
) strict, without rowid;

-- The daily check of the texts: where it is, and which versions are not as they were saved.
create table version_pass (
    id integer primary key check (id = 1),
    report_id text,
    number integer,
    read integer not null check (read >= 0),
    done_at integer,
    done_read integer,
    check ((report_id is null) = (number is null)),
    check ((done_at is null) = (done_read is null))
) strict;

create table version_finding (
    report_id text not null,
    number integer not null,
    found_at integer not null,
    primary key (report_id, number),
    foreign key (report_id, number) references report_version (report_id, number)
) strict, without rowid;
