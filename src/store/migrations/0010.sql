-- Takes: recordings under way at a microphone. Audio arrives in numbered blocks of 16 kHz mono
-- 16-bit samples and becomes a dictation once.
create table take (
    id text primary key,
    -- Who sends it, as in upload_key, and the sender's key for it.
    opened_by text not null,
    key text not null,
    author_id text not null references person (id),
    work_type text not null,
    priority text not null check (priority in ('stat', 'routine')),
    given_mrn text,
    patient_id text references patient (id),
    encounter_id text references encounter (id),
    opened_at integer not null,
    touched_at integer not null,
    state text not null check (state in ('open', 'finished', 'discarded')),
    -- Blocks and samples received; the next block has the number `blocks`.
    blocks integer not null check (blocks >= 0),
    samples integer not null check (samples >= 0),
    -- JSON list of [first sample, sample after the last or null]; null: as it was recorded.
    edits text,
    -- What was heard while it went on: JSON words, and the sample up to which nothing changes.
    heard text not null,
    heard_through integer not null check (heard_through >= 0),
    -- The text the author saw, and what they made of it.
    shown text,
    corrected text,
    dictation_id text references dictation (id),
    -- The audio as it was recorded, where edits left something out of the dictation.
    original_digest text,
    check ((state = 'finished') = (dictation_id is not null)),
    check ((shown is null) = (corrected is null)),
    unique (opened_by, key)
) strict;

create index take_open on take (touched_at) where state = 'open';
create index take_by_dictation on take (dictation_id) where dictation_id is not null;

create table take_block (
    take_id text not null references take (id),
    number integer not null check (number >= 0),
    first_sample integer not null check (first_sample >= 0),
    samples blob not null check (length(samples) > 0),
    unique (take_id, number)
) strict;

create index take_block_place on take_block (take_id, first_sample);
