-- The lists: what is searched for, kept as a view, sampled, scored, counted, divided and sent.

-- A number for each report, so that the search tables can name it; in the order of receipt.
create table search_row (
    number integer primary key,
    report_id text not null unique references report (id),
    created_at integer not null
) strict;

create index search_row_by_time on search_row (created_at, number);

insert into search_row (report_id, created_at)
    select id, created_at from report order by created_at, id;

-- The newest text of reports that wait and of those that are done, apart, because a search through
-- the few that wait must not read the many that are done. `keys` has whole-word codes of author,
-- work type and patient. The text itself is kept in `report_version` only (sqlite.org, "FTS5",
-- section 4.4.4, contentless-delete tables).
create virtual table waiting_text using fts5 (body, keys, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2');
create virtual table done_text using fts5 (body, keys, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2');

insert into waiting_text (rowid, body, keys)
    select s.number, coalesce(v.body, ''), 'a' || replace(r.author_id, '-', '') || ' w'
            || r.work_type || coalesce(' p' || replace(r.patient_id, '-', ''), '')
        from search_row s
            join report r on r.id = s.report_id
            left join report_version v on v.report_id = r.id and v.number = r.version
        where r.stage <> 'done';
insert into done_text (rowid, body, keys)
    select s.number, coalesce(v.body, ''), 'a' || replace(r.author_id, '-', '') || ' w'
            || r.work_type || coalesce(' p' || replace(r.patient_id, '-', ''), '')
        from search_row s
            join report r on r.id = s.report_id
            left join report_version v on v.report_id = r.id and v.number = r.version
        where r.stage = 'done';

create index flag_open on flag (report_id, kind) where state = 'open';
create index report_by_assignee on report (assignee_id) where assignee_id is not null;

-- What a person looks at again and again: filters by name, none of them about a patient.
create table saved_view (
    person_id text not null references person (id),
    name text not null check (length(name) between 1 and 60),
    filter text not null,
    primary key (person_id, name)
) strict, without rowid;

-- How much of whose work QA looks at; a rule is the percentage of a person, an author, a work
-- type, of everything (`site`) or of STAT, or the passes in a row that make an editor known.
create table sampling_rule (
    kind text not null check (kind in ('site', 'stat', 'new-editor', 'editor', 'author',
        'work-type')),
    of_what text not null,
    value integer not null check (value between 0 and 100),
    set_at integer not null,
    primary key (kind, of_what),
    check ((kind in ('site', 'stat', 'new-editor')) = (of_what = ''))
) strict, without rowid;

-- Each time an editor hands a report on: what the sampling drew, and what was counted.
create table submission (
    number integer primary key,
    report_id text not null references report (id),
    version integer not null check (version > 0),
    editor_id text not null references person (id),
    submitted_at integer not null,
    percent integer not null check (percent between 0 and 100),
    -- In hundredths of a percent; sampled where it is below the percentage.
    drawn integer not null check (drawn between 0 and 9999),
    rule text not null,
    sampled integer not null check (sampled in (0, 1)),
    stage text not null,
    characters integer not null check (characters >= 0),
    visible integer not null check (visible >= 0),
    template integer not null check (template >= 0),
    audio_ms integer not null check (audio_ms >= 0)
) strict;

create index submission_by_report on submission (report_id, number);
create index submission_by_time on submission (submitted_at);

create table qa_review (
    id text primary key,
    submission integer not null unique references submission (number),
    report_id text not null references report (id),
    editor_id text not null references person (id),
    reviewer_id text not null references person (id),
    reviewed_at integer not null,
    score integer not null check (score between 0 and 100),
    passed integer not null check (passed in (0, 1)),
    note text not null,
    answer text,
    answered_at integer,
    check (editor_id <> reviewer_id),
    check ((answer is null) = (answered_at is null))
) strict;

create index qa_review_by_editor on qa_review (editor_id, reviewed_at);
create index qa_review_by_time on qa_review (reviewed_at);

create table qa_error (
    review_id text not null references qa_review (id),
    number integer not null check (number > 0),
    category text not null,
    repeated integer not null check (repeated in (0, 1)),
    dictated text not null,
    transcribed text not null,
    note text not null,
    primary key (review_id, number)
) strict, without rowid;

-- Which texts a person was shown in a session: a batch of signatures asks it of each.
create index audit_reading on audit (actor, subjects)
    where act = 'view-report' and outcome = 'done';

-- The audit rows of each report and recording, for the page of a life; lists are left out, they
-- name hundreds. Found again from the audit at any time, so it holds nothing against changes.
create table audit_subject (
    subject text not null,
    seq integer not null,
    primary key (subject, seq)
) strict, without rowid;

insert into audit_subject (subject, seq)
    select distinct s.value, a.seq from audit a,
            json_each('["' || replace(a.subjects, ' ', '","') || '"]') s
        where (s.value like 'report:%' or s.value like 'dictation:%')
            and a.act not in ('view-worklist', 'search-reports');

-- A dictation that is a part of another's recording, which holds more than one report.
create table dictation_part (
    dictation_id text primary key references dictation (id),
    whole_id text not null references dictation (id),
    check (dictation_id <> whole_id)
) strict;

-- Who gets a copy of a report (cc), and which was sent.
create table report_copy (
    report_id text not null references report (id),
    number integer not null check (number > 0),
    recipient text not null check (length(recipient) between 1 and 200),
    address text not null,
    sent_at integer,
    sent_by text references person (id),
    primary key (report_id, number),
    check ((sent_at is null) = (sent_by is null))
) strict, without rowid;

create index report_copy_to_send on report_copy (report_id) where sent_at is null;

-- Who works on which work types and for which departments, and who is an author of which.
create table pool_line (
    person_id text not null references person (id),
    kind text not null check (kind in ('work-type', 'department', 'member')),
    value text not null check (length(value) between 1 and 60),
    primary key (person_id, kind, value)
) strict, without rowid;
