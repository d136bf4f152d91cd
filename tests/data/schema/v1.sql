-- Frozen: a database as version 1 of the schema made it, with a row in most tables.
-- Never changed; `store/migrate.rs` upgrades it and compares it with a new one.
-- Times are integer milliseconds UTC; ids are UUID text; states are their stable codes.

create table person (
    id text primary key,
    username text not null unique,
    display_name text not null,
    credential text not null,
    password_hash text not null,
    active integer not null check (active in (0, 1)),
    created_at integer not null
) strict;

create table person_role (
    person_id text not null references person (id),
    role text not null check (role in ('author', 'transcriptionist', 'reviewer',
        'records-specialist', 'privacy-officer', 'auditor', 'administrator')),
    primary key (person_id, role)
) strict, without rowid;

-- The token itself is never stored, only its SHA-256.
create table session (
    id text primary key,
    token_digest text not null unique,
    person_id text not null references person (id),
    created_at integer not null,
    used_at integer not null,
    ended_at integer
) strict;

create table api_token (
    id text primary key,
    token_digest text not null unique,
    person_id text not null references person (id),
    name text not null,
    created_at integer not null,
    ended_at integer
) strict;

-- Failed sign-ins, counted for a user name and for an address.
create table sign_in_failure (
    subject text primary key,
    failures integer not null check (failures > 0),
    last_at integer not null
) strict;

create table patient (
    id text primary key,
    mrn text not null unique,
    family_name text not null,
    given_name text not null,
    birth_date text not null,
    sex text not null check (sex in ('F', 'M', 'O', 'U')),
    labels text not null,
    created_at integer not null
) strict;

create index patient_by_name on patient (family_name collate nocase, given_name collate nocase);

create table encounter (
    id text primary key,
    patient_id text not null references patient (id),
    number text not null unique,
    kind text not null check (kind in ('I', 'O', 'E')),
    location text not null,
    began_at integer not null,
    ended_at integer
) strict;

create index encounter_by_patient on encounter (patient_id, began_at);

create table dictation (
    id text primary key,
    author_id text not null references person (id),
    audio_digest text not null,
    audio_format text not null check (audio_format in ('wav', 'flac')),
    audio_bytes integer not null check (audio_bytes > 0),
    duration_ms integer not null check (duration_ms >= 0),
    origin text not null check (origin in ('upload', 'import', 'microphone')),
    priority text not null check (priority in ('stat', 'routine')),
    work_type text not null,
    given_mrn text,
    patient_id text references patient (id),
    encounter_id text references encounter (id),
    dictated_at integer not null,
    received_at integer not null,
    received_by text references person (id),
    labels text not null
) strict;

create index dictation_by_audio on dictation (audio_digest);

-- A repeated upload under the same key by the same actor is the same dictation.
create table upload_key (
    actor text not null,
    key text not null,
    dictation_id text not null references dictation (id),
    audio_digest text not null,
    primary key (actor, key)
) strict, without rowid;

create table transcript (
    dictation_id text primary key references dictation (id),
    model text not null,
    audio_ms integer not null,
    words text not null,
    doubts text not null,
    made_at integer not null
) strict;

create table report (
    id text primary key,
    dictation_id text unique references dictation (id),
    relation text not null check (relation in ('original', 'addendum', 'replacement')),
    parent_id text references report (id),
    author_id text not null references person (id),
    patient_id text references patient (id),
    encounter_id text references encounter (id),
    work_type text not null,
    priority text not null check (priority in ('stat', 'routine')),
    completion text not null check (completion in ('DI', 'IP', 'IN', 'DO', 'PA', 'AU', 'LA')),
    availability text not null check (availability in ('UN', 'AV', 'OB', 'CA')),
    stage text not null check (stage in ('transcribing', 'drafted', 'editing', 'in-qa',
        'with-author', 'done')),
    assignee_id text references person (id),
    version integer not null check (version >= 0),
    created_at integer not null,
    due_at integer not null,
    labels text not null,
    check ((relation = 'original') = (parent_id is null)),
    check (completion not in ('AU', 'LA') or patient_id is not null)
) strict;

create index report_by_stage on report (stage, priority, due_at);
create index report_by_patient on report (patient_id, created_at);
create index report_by_parent on report (parent_id) where parent_id is not null;

create table report_version (
    report_id text not null references report (id),
    number integer not null check (number > 0),
    body text not null,
    digest text not null,
    maker text not null check (maker in ('machine', 'person')),
    person_id text references person (id),
    made_at integer not null,
    primary key (report_id, number),
    check ((maker = 'person') = (person_id is not null))
) strict, without rowid;

create trigger report_version_is_kept before delete on report_version
begin select raise(abort, 'a version is never deleted'); end;
create trigger report_version_is_final before update on report_version
begin select raise(abort, 'a version is never changed'); end;

create table flag (
    id text primary key,
    report_id text not null references report (id),
    kind text not null,
    note text not null,
    audio_start_ms integer,
    audio_end_ms integer,
    text_start integer,
    text_end integer,
    raised_by text references person (id),
    raised_at integer not null,
    state text not null check (state in ('open', 'resolved', 'waived')),
    settled_by text references person (id),
    settled_at integer,
    settled_note text,
    check ((state = 'open') = (settled_at is null))
) strict;

create index flag_by_report on flag (report_id);

create table signature (
    id text primary key,
    report_id text not null references report (id),
    version integer not null,
    signer_id text not null references person (id),
    meaning text not null check (meaning in ('author', 'cosigner')),
    printed_name text not null,
    signed_at integer not null,
    utc_offset_minutes integer not null,
    digest text not null,
    foreign key (report_id, version) references report_version (report_id, number)
) strict;

create index signature_by_report on signature (report_id);

create trigger signature_is_kept before delete on signature
begin select raise(abort, 'a signature is never deleted'); end;
create trigger signature_is_final before update on signature
begin select raise(abort, 'a signature is never changed'); end;

-- What is in the chart: a signed report, filed once.
create table chart_entry (
    report_id text primary key references report (id),
    patient_id text not null references patient (id),
    encounter_id text references encounter (id),
    filed_at integer not null
) strict;

create index chart_entry_by_patient on chart_entry (patient_id, filed_at);

create table job (
    id text primary key,
    kind text not null check (kind in ('transcribe')),
    dictation_id text not null references dictation (id),
    priority integer not null check (priority in (0, 1)),
    state text not null check (state in ('queued', 'running', 'succeeded', 'dead', 'stopped')),
    attempts integer not null check (attempts >= 0),
    max_attempts integer not null check (max_attempts > 0),
    not_before integer not null,
    lease_owner text,
    lease_until integer,
    stop_requested integer not null check (stop_requested in (0, 1)),
    progress real not null check (progress between 0 and 1),
    last_error text,
    created_at integer not null,
    updated_at integer not null,
    check ((state = 'running') = (lease_owner is not null))
) strict;

create index job_to_claim on job (state, priority, created_at);
create index job_by_dictation on job (dictation_id, created_at);

-- Append-only and chained: each seal covers the row and the seal before it.
create table audit (
    seq integer primary key check (seq > 0),
    at integer not null,
    actor text not null,
    act text not null,
    outcome text not null check (outcome in ('done', 'refused', 'failed')),
    subjects text not null,
    detail text not null,
    seal blob not null check (length(seal) = 32)
) strict;

create trigger audit_is_kept before delete on audit
begin select raise(abort, 'the audit is only added to'); end;
create trigger audit_is_final before update on audit
begin select raise(abort, 'the audit is only added to'); end;

insert into person values ('018f0000-0000-7000-8000-000000000001', 'ada', 'Ada Moss', 'MD', '$argon2id$', 1, 1);
insert into person_role values ('018f0000-0000-7000-8000-000000000001', 'author');
insert into patient values ('018f0000-0000-7000-8000-000000000002', 'MRN-1', 'Testcase', 'Iris', '1960-05-04', 'F', '', 1);
insert into encounter values ('018f0000-0000-7000-8000-000000000003', '018f0000-0000-7000-8000-000000000002', 'V-1', 'O', 'Clinic', 1, null);
insert into dictation values ('018f0000-0000-7000-8000-000000000004', '018f0000-0000-7000-8000-000000000001', '0000000000000000000000000000000000000000000000000000000000000000', 'wav', 10, 20, 'upload', 'routine', 'HP', 'MRN-1', '018f0000-0000-7000-8000-000000000002', '018f0000-0000-7000-8000-000000000003', 1, 2, null, '');
insert into transcript values ('018f0000-0000-7000-8000-000000000004', 'base', 20, '[["No",0,10,0.9],["fever.",10,20,0.9]]', '[]', 3);
insert into report values ('018f0000-0000-7000-8000-000000000005', '018f0000-0000-7000-8000-000000000004', 'original', null, '018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002', '018f0000-0000-7000-8000-000000000003', 'HP', 'routine', 'LA', 'AV', 'done', null, 1, 3, 4, '');
insert into report_version values ('018f0000-0000-7000-8000-000000000005', 1, 'No fever.', '4d9cefaff13eeb16bf893b4ca8420a675e134b8cc5c91b6b02937c75e14fd332', 'machine', null, 3);
insert into signature values ('018f0000-0000-7000-8000-000000000006', '018f0000-0000-7000-8000-000000000005', 1, '018f0000-0000-7000-8000-000000000001', 'author', 'Ada Moss, MD', 5, 60, '4d9cefaff13eeb16bf893b4ca8420a675e134b8cc5c91b6b02937c75e14fd332');
insert into chart_entry values ('018f0000-0000-7000-8000-000000000005', '018f0000-0000-7000-8000-000000000002', '018f0000-0000-7000-8000-000000000003', 5);
insert into job values ('018f0000-0000-7000-8000-000000000007', 'transcribe', '018f0000-0000-7000-8000-000000000004', 1, 'succeeded', 1, 3, 0, null, null, 0, 1.0, null, 2, 3);
