-- A report can wait for its cosigner: one more stage. A CHECK changes only with its table
-- (sqlite.org, "ALTER TABLE", section 7).

create table new_report (
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
        'with-author', 'with-cosigner', 'done')),
    assignee_id text references person (id),
    version integer not null check (version >= 0),
    created_at integer not null,
    due_at integer not null,
    labels text not null,
    check ((relation = 'original') = (parent_id is null)),
    check (completion not in ('AU', 'LA') or patient_id is not null)
) strict;

insert into new_report (id, dictation_id, relation, parent_id, author_id, patient_id, encounter_id,
    work_type, priority, completion, availability, stage, assignee_id, version, created_at, due_at,
    labels)
    select id, dictation_id, relation, parent_id, author_id, patient_id, encounter_id,
        work_type, priority, completion, availability, stage, assignee_id, version, created_at,
        due_at, labels
    from report;
drop table report;
alter table new_report rename to report;

create index report_by_stage on report (stage, priority, due_at);
create index report_by_patient on report (patient_id, created_at);
create index report_by_parent on report (parent_id) where parent_id is not null;
