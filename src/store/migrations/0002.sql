-- People and trust: second factors, scopes, clearances, delegates, cosigners, broken glass.

-- Seconds factors (RFC 6238) and the codes that stand in for a lost one.
create table second_factor (
    person_id text primary key references person (id),
    secret blob not null,
    -- The time step of the newest code that was accepted; none is accepted twice.
    used_step integer not null,
    -- Null until the first code has shown that the secret arrived.
    confirmed_at integer
) strict;

create table recovery_code (
    person_id text not null references person (id),
    code_digest text not null,
    used_at integer,
    primary key (person_id, code_digest)
) strict, without rowid;

-- A code that an administrator hands over; the person sets the new password with it.
create table password_reset (
    person_id text primary key references person (id),
    code_digest text not null,
    expires_at integer not null
) strict;

alter table api_token add column scopes text not null default 'dictate';

create table clearance (
    person_id text not null references person (id),
    label text not null,
    granted_at integer not null,
    primary key (person_id, label)
) strict, without rowid;

create table delegate (
    author_id text not null references person (id),
    delegate_id text not null references person (id),
    from_at integer not null,
    until_at integer not null,
    primary key (author_id, delegate_id),
    check (author_id <> delegate_id),
    check (from_at < until_at)
) strict, without rowid;

create table cosign_rule (
    author_id text primary key references person (id),
    cosigner_id text not null references person (id),
    check (author_id <> cosigner_id)
) strict;

create table broken_glass (
    id text primary key,
    person_id text not null references person (id),
    patient_id text not null references patient (id),
    reason text not null check (reason in ('emergency', 'coverage', 'patient-request', 'other')),
    note text not null,
    broken_at integer not null,
    until_at integer not null,
    review_due_at integer not null,
    reviewed_by text references person (id),
    reviewed_at integer,
    finding text,
    check ((reviewed_by is null) = (finding is null))
) strict;

create index broken_glass_open on broken_glass (review_due_at) where reviewed_at is null;
create index broken_glass_by_person on broken_glass (person_id, patient_id, until_at);
