// What the API sends: the TypeScript side of `src/web/wire.rs`.
//
// Invariant: names and shapes follow the OpenAPI document; times are RFC 3339 text.

export interface ErrorBody {
  code: string;
  message: string;
  field?: string;
  current?: number;
}

export interface Person {
  username: string;
  display_name: string;
  credential: string;
}

export interface Session {
  person: Person & { roles: string[] };
}

/** A person as whoever keeps the accounts sees them. */
export interface Member extends Person {
  roles: string[];
  department: string | null;
  active: boolean;
}

export interface People {
  people: Member[];
  departments: string[];
}

export interface Account {
  person: Person & { roles: string[] };
  second_factor: boolean;
}

export interface HouseStyle {
  mode: string | null;
  /** `slow`, `usual` or `fast`. */
  pace: string | null;
  switches: Record<string, boolean>;
  defaults: Record<string, boolean>;
}

/** A text kept under a spoken name; `[side]` in it is a blank, `[side=left]` a value. */
export interface Normal {
  id: string;
  scope: "person" | "department" | "site";
  /** Of a department: its name. */
  department: string | null;
  name: string;
  shortcut: string | null;
  text: string;
}

export interface Enrolment {
  /** `otpauth://` address. */
  url: string;
  /** The same as a QR code, SVG. */
  picture: string;
}

export interface Delegation {
  author: Person;
  delegate: Person;
  from: string;
  until: string;
}

export interface GlassReview {
  id: string;
  person: Person;
  patient: Patient;
  reason: string;
  note: string;
  broken_at: string;
  review_due_at: string;
  review: { by: Person; at: string; finding: string } | null;
}

export interface AuditRow {
  seq: number;
  at: string;
  /** As it is stored; `person` where it is one. */
  actor: string;
  person: Person | null;
  act: string;
  outcome: string;
  subjects: string[];
  detail: Record<string, unknown> | null;
}

/** The door a recording came in by. */
export type Origin = "upload" | "import" | "microphone";

export type JobState = "queued" | "running" | "succeeded" | "dead" | "stopped";

export interface Job {
  state: JobState;
  attempts: number;
  /** 0 to 1. */
  progress: number;
  error: string | null;
}

export interface Row {
  report: string;
  dictation: string | null;
  patient_name: string | null;
  mrn: string | null;
  work_type: string;
  work_type_name: string;
  author_name: string;
  priority: "stat" | "routine";
  completion: string;
  stage: string;
  assignee_name: string | null;
  created_at: string;
  due_at: string;
  duration_ms: number | null;
  open_flags: number;
  /** The names are left out because of a label. */
  sealed: boolean;
  job: Job | null;
}

export interface Worklist {
  rows: Row[];
  /** Reports that wait and pass the filter, in `rows` or not. */
  total: number;
  /** Reports on each desk, whatever the filter. */
  counts: Record<string, number>;
}

export interface Found {
  rows: Row[];
  /** There are more, or may be. */
  more: boolean;
}

/** What narrows a worklist; nothing in it is about a patient. */
export interface Filter {
  stage?: string;
  desk?: string;
  mine?: boolean;
  priority?: string;
  work_type?: string;
  author?: string;
  flag?: string;
}

export interface View {
  name: string;
  filter: Filter;
}

export interface Colleague {
  username: string;
  display_name: string;
  edits: boolean;
  reviews: boolean;
}

export interface Scored {
  id: string;
  report: string;
  version: number;
  work_type_name: string;
  editor: Person;
  reviewer: Person;
  at: string;
  score: number;
  passed: boolean;
  note: string;
  errors: ScoredError[];
  answer: string | null;
  answered_at: string | null;
  sealed: boolean;
}

export interface ScoredError {
  category: string;
  class: "critical" | "non-critical" | "feedback";
  repeated: boolean;
  dictated: string;
  transcribed: string;
  note: string;
}

export interface Rule {
  kind: string;
  of: string;
  name: string;
  value: number;
}

/** What one person handed on in a time. */
export interface Work {
  name: string;
  reports: number;
  lines: number;
  characters: number;
  visible: number;
  template: number;
  audio_minutes: number;
}

export interface WorkType {
  code: string;
  name: string;
}

export interface Flag {
  id: string;
  kind: string;
  note: string;
  start_ms: number | null;
  end_ms: number | null;
  state: "open" | "resolved" | "waived";
  raised_at: string;
  by_machine: boolean;
  settled: { state: string; at: string; note: string } | null;
}

export interface VersionLine {
  number: number;
  maker: "machine" | "person";
  by_name: string | null;
  at: string;
  digest: string;
}

export interface Version {
  number: number;
  maker: "machine" | "person";
  at: string;
  digest: string;
  text: string;
}

export interface Patient {
  id: string;
  mrn: string;
  family_name: string;
  given_name: string;
  birth_date: string;
  sex: string;
  labels: string[];
  sealed: boolean;
}

export interface Encounter {
  number: string;
  kind: string;
  location: string;
  began_at: string;
  ended_at: string | null;
}

export interface Signature {
  printed_name: string;
  meaning: string;
  at: string;
  utc_offset_minutes: number;
  version: number;
  digest: string;
}

export interface Report {
  id: string;
  dictation: string | null;
  relation: "original" | "addendum" | "replacement";
  parent: string | null;
  completion: string;
  availability: string;
  stage: string;
  priority: "stat" | "routine";
  work_type: string;
  work_type_name: string;
  created_at: string;
  due_at: string;
  version: number;
  digest: string;
  text: string;
  patient: Patient | null;
  given_mrn: string | null;
  encounter: Encounter | null;
  author: Person;
  assignee: Person | null;
  /** Who asks for the report, where it is in one's own hands. */
  asked_by: Person | null;
  flags: Flag[];
  versions: VersionLine[];
  audio: { duration_ms: number; media_type: string; origin: Origin } | null;
  job: Job | null;
  signatures: Signature[];
  addenda: string[];
  /** What was joined to the report, in the order it was appended. */
  joined: { report: string; version: number; at: string; offset_ms: number | null }[];
  /** The report that this one goes on in. */
  joined_into: string | null;
  labels: string[];
  /** Until when broken glass keeps the record open to this person. */
  glass_until: string | null;
  /** Codes of the acts that this person may do on this report now. */
  may: string[];
}

/** What stands behind a report's text; places count characters. */
export interface Evidence {
  draft: string;
  /** Start and end in the draft, start and end in ms, confidence in 1/1000. */
  timed: number[][];
  changes: Change[];
  choices: { start: number; end: number; alternatives: string[] }[];
  spoken: { kind: string; text: string; start_ms: number | null }[];
  doubts: { kind: string; start_ms: number; end_ms: number }[];
  version: number;
  /** Place in the version, place in the draft, length. */
  pieces: number[][] | null;
}

/** Something that is written otherwise than it was heard. */
export interface Change {
  start: number;
  end: number;
  heard: string;
  written: string;
  rule: string;
  score: number | null;
  start_ms: number | null;
}

export interface Section {
  heading: string;
  aliases: string[];
  required: boolean;
}

/** What whoever types a report is to know. */
export interface Guide {
  sections: Section[];
  instructions: { about: "author" | "work-type"; text: string; by_name: string; at: string }[];
}

export interface ChartDocument {
  report: string;
  work_type_name: string;
  author_name: string;
  filed_at: string;
}
