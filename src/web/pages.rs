//! The pages: a frame with what does not change, filled by the script from the API; print and
//! chart are whole as they come.
//!
//! Not for: the script and style (`ui/`), or deciding what is shown (`workflow`).
//!
//! Invariant: every value passes the template engine's HTML escaping, and a template that names a
//! value that is not there fails instead of leaving it out.

use super::assets;
use super::error::ApiError;
use super::extract::id;
use super::headers;
use super::session::Visitor;
use super::state::AppState;
use super::wire::SessionPerson;
use super::wire_life::LifePage;
use super::wire_pages::{ChartPage, PrintPage};
use crate::domain::audit::Act;
use crate::domain::ids::{PatientId, ReportId};
use crate::domain::person::{Department, Person, Role};
use crate::vocab::commands;
use crate::workflow::error::WorkflowError;
use crate::workflow::permission::role_may;
use crate::workflow::site::Acting;
use crate::workflow::{chart, house_style, life, people, sign_in};
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

/// Every template, by the name that others extend it by.
const TEMPLATES: &[(&str, &str)] = &[
    ("account.html", include_str!("templates/account.html")),
    ("audit.html", include_str!("templates/audit.html")),
    ("checks.html", include_str!("templates/checks.html")),
    ("licences.html", include_str!("templates/licences.html")),
    ("base.html", include_str!("templates/base.html")),
    ("chart.html", include_str!("templates/chart.html")),
    ("copies.html", include_str!("templates/copies.html")),
    ("dictate.html", include_str!("templates/dictate.html")),
    ("glass.html", include_str!("templates/glass.html")),
    ("life.html", include_str!("templates/life.html")),
    ("patients.html", include_str!("templates/patients.html")),
    ("people.html", include_str!("templates/people.html")),
    ("print.html", include_str!("templates/print.html")),
    ("privacy.html", include_str!("templates/privacy.html")),
    ("problem.html", include_str!("templates/problem.html")),
    ("report.html", include_str!("templates/report.html")),
    ("sealed.html", include_str!("templates/sealed.html")),
    ("sealed-words.html", include_str!("templates/sealed-words.html")),
    ("quality.html", include_str!("templates/quality.html")),
    ("sign.html", include_str!("templates/sign.html")),
    ("sign-in.html", include_str!("templates/sign-in.html")),
    ("work-fields.html", include_str!("templates/work-fields.html")),
    ("worklist.html", include_str!("templates/worklist.html")),
];

/// Steps of one page's template: far above a chart with thousands of documents.
const FUEL: u64 = 10_000_000;

pub struct Templates(Environment<'static>);

impl Templates {
    /// # Panics
    /// When an embedded template is not one, which the test of this module excludes.
    pub fn embedded() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_global("script", Value::from_safe_string(assets::script_address()));
        environment.add_global("capture", Value::from_safe_string(assets::capture_address()));
        environment.add_global("style", Value::from_safe_string(assets::style_address()));
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).expect("the embedded templates are templates");
        }
        Self(environment)
    }

    fn page(&self, name: &str, values: Value) -> Result<Html<String>, ApiError> {
        let template = self.0.get_template(name);
        let text = template.and_then(|template| template.render(values));
        text.map(Html).map_err(|source| ApiError::Page { source })
    }
}

/// Acts of a role that the script offers on pages where the API does not name what may be done.
const OFFERED: &[Act] = &[
    Act::AddLabel,
    Act::BreakGlass,
    Act::NameDelegate,
    Act::LowerLabel,
    Act::ClaimReport,
    Act::ReassignReport,
    Act::BeginReport,
    Act::AskTakeover,
    Act::ChangeInstruction,
];

/// What the frame of every page shows of the person.
fn frame(who: &Acting) -> Value {
    let Some(person) = &who.person else { return Value::from(()) };
    let may = |act: Act| person.roles.iter().any(|role| role_may(*role, act));
    let view = SessionPerson::from(person);
    let offered = OFFERED.iter().copied().filter(|act| may(*act));
    context! {
        may => offered.map(Act::code).collect::<Vec<_>>().join(" "),
        username => view.username,
        display_name => view.display_name,
        credential => view.credential,
        roles => view.roles,
        may_work => may(Act::ViewWorklist),
        may_receive => may(Act::ReceiveDictation),
        may_search => may(Act::SearchPatients),
        may_audit => may(Act::ViewAudit),
        may_check => may(Act::ViewChecks),
        may_sign => may(Act::SignReport),
        may_see_scores => may(Act::ViewScores),
        may_sample => may(Act::SetSampling),
        may_count => may(Act::ViewLines),
        may_send => may(Act::SendCopy),
        may_begin => may(Act::BeginReport),
        may_review => may(Act::ReviewGlass),
        may_break => may(Act::BreakGlass),
        may_label => may(Act::AddLabel),
        may_delegate => may(Act::NameDelegate),
        may_see_delegations => may(Act::ViewDelegations),
        is_author => person.has(Role::Author),
        may_keep_normals => may(Act::ChangeHouseStyle),
        may_settle => house_style::settles(person),
        may_keep_people => may(Act::ChangePerson),
        department => person.department.as_ref().map_or("", Department::as_str),
    }
}

/// A page, or the page that says why there is none.
fn answer(state: &AppState, who: &Acting, page: Result<Html<String>, ApiError>) -> Response {
    match page {
        Ok(page) => page.into_response(),
        Err(error) => problem(state, Some(who), &error),
    }
}

/// As [`answer`], for a page that a label may seal. `glass` is where its glass can be broken.
fn answer_unsealed(
    state: &AppState,
    who: &Acting,
    page: Result<Html<String>, ApiError>,
    glass: &str,
) -> Response {
    if !matches!(page, Err(ApiError::Workflow(WorkflowError::Sealed))) {
        return answer(state, who, page);
    }
    let values = context! { person => frame(who), here => "", glass };
    match state.templates.page("sealed.html", values) {
        Ok(page) => (StatusCode::FORBIDDEN, page).into_response(),
        Err(worse) => problem(state, Some(who), &worse),
    }
}

/// The page that says what went wrong.
pub fn problem(state: &AppState, who: Option<&Acting>, error: &ApiError) -> Response {
    error.log();
    let status = error.status();
    let heading = match status {
        StatusCode::FORBIDDEN => "Not for your role",
        StatusCode::NOT_FOUND => "Not here",
        StatusCode::SERVICE_UNAVAILABLE => "Busy",
        _ => "That did not work",
    };
    let values = context! {
        person => who.map_or(Value::from(()), frame),
        here => "",
        heading,
        message => sentence(&error.body().error.message),
    };
    match state.templates.page("problem.html", values) {
        Ok(page) => (status, page).into_response(),
        Err(worse) => worse.into_response(),
    }
}

/// A message of ours as a sentence: capital, full stop.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// Any address that is not in the list of routes.
pub async fn nowhere(State(state): State<AppState>, address: Uri) -> Response {
    let error = ApiError::NotFound { what: "address" };
    if address.path().starts_with("/api/") {
        return error.into_response();
    }
    problem(&state, None, &error)
}

pub async fn sign_in(State(state): State<AppState>) -> Response {
    let password_min = sign_in::PASSWORD_MIN;
    let values = context! { person => (), here => "", password_min };
    match state.templates.page("sign-in.html", values) {
        Ok(page) => page.into_response(),
        Err(error) => problem(&state, None, &error),
    }
}

/// The first page: the worklist, or for whoever has none, what they do here instead.
pub async fn first(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let person = frame(&who);
    let may = |name: &str| person.get_attr(name).is_ok_and(|may| may.is_true());
    let page = if may("may_work") {
        worklist_page(&state, &who).await
    } else if may("may_review") {
        privacy_page(&state, &who)
    } else if may("may_audit") {
        audit_page(&state, &who)
    } else if may("may_check") {
        checks_page(&state, &who)
    } else {
        account_page(&state, &who)
    };
    answer(&state, &who, page)
}

/// One's own account: password, second factor, sessions, delegate.
pub async fn account(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let page = account_page(&state, &who);
    answer(&state, &who, page)
}

fn account_page(state: &AppState, who: &Acting) -> Result<Html<String>, ApiError> {
    let values = context! {
        person => frame(who),
        here => "account",
        password_min => sign_in::PASSWORD_MIN,
    };
    state.templates.page("account.html", values)
}

/// The privacy officer's work. Whether the person may see it is decided when the script asks.
pub async fn privacy(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let page = privacy_page(&state, &who);
    answer(&state, &who, page)
}

fn privacy_page(state: &AppState, who: &Acting) -> Result<Html<String>, ApiError> {
    let values = context! { person => frame(who), here => "privacy" };
    state.templates.page("privacy.html", values)
}

async fn worklist_page(state: &AppState, who: &Acting) -> Result<Html<String>, ApiError> {
    let asks = who.clone();
    let person = frame(who);
    let authors = state.db(move |site| people::authors(site, &asks)).await?;
    let author = |person: &Person| {
        context! { username => person.username.as_str(), display_name => &person.display_name }
    };
    let work_types = state.site.work_types.iter().map(|work_type| {
        context! { code => work_type.code.as_str(), name => &work_type.name }
    });
    let values = context! {
        person,
        here => "worklist",
        authors => authors.iter().map(author).collect::<Vec<_>>(),
        work_types => work_types.collect::<Vec<_>>(),
    };
    state.templates.page("worklist.html", values)
}

/// Dictating at the workstation's microphone.
pub async fn dictate(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let work_types = state.site.work_types.iter().map(|work_type| {
        context! { code => work_type.code.as_str(), name => &work_type.name }
    });
    let values = context! {
        person => frame(&who),
        here => "dictate",
        work_types => work_types.collect::<Vec<_>>(),
        sayings => sayings(),
    };
    let page = state.templates.page("dictate.html", values);
    let mut response = answer(&state, &who, page);
    response.headers_mut().insert(headers::DEVICES, headers::MICROPHONE);
    response
}

/// What can be said beside the report's own words, by kind.
fn sayings() -> Vec<Value> {
    let group = |(title, phrases)| context! { title, phrases };
    commands::sayings().into_iter().map(group).collect()
}

/// The audit, for whoever may read it; each search is decided, and audited, by itself.
pub async fn audit(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let page = audit_page(&state, &who);
    answer(&state, &who, page)
}

fn audit_page(state: &AppState, who: &Acting) -> Result<Html<String>, ApiError> {
    let acts: Vec<&str> = Act::ALL.iter().map(|act| act.code()).collect();
    let values = context! { person => frame(who), here => "audit", acts };
    state.templates.page("audit.html", values)
}

/// Everybody with an account, for whoever keeps them.
pub async fn people(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let values = context! { person => frame(&who), here => "people" };
    let page = state.templates.page("people.html", values);
    answer(&state, &who, page)
}

/// How the daily checks stand.
pub async fn checks(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let page = checks_page(&state, &who);
    answer(&state, &who, page)
}

fn checks_page(state: &AppState, who: &Acting) -> Result<Html<String>, ApiError> {
    state.templates.page("checks.html", context! { person => frame(who), here => "checks" })
}

/// The notices of the code by others that the pages are built with.
pub async fn licences(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let values = context! { person => frame(&who), here => "", notices => assets::notices() };
    let page = state.templates.page("licences.html", values);
    answer(&state, &who, page)
}

/// The frame of a report's page. Whether the person may see the report is decided, and audited,
/// when the script asks the API for it.
pub async fn report(
    State(state): State<AppState>,
    Visitor(who): Visitor,
    Path(text): Path<String>,
) -> Response {
    let page = id::<ReportId>(&text, "report").and_then(|report| {
        let glass = format!("/api/reports/{report}/glass");
        let report = report.to_string();
        let values = context! { person => frame(&who), here => "worklist", report, glass };
        state.templates.page("report.html", values)
    });
    let mut response = answer(&state, &who, page);
    // An author and QA answer blanks by voice.
    let speaks = who.person.iter().flat_map(|person| &person.roles);
    if speaks.into_iter().any(|role| role_may(*role, Act::AnswerBlank)) {
        response.headers_mut().insert(headers::DEVICES, headers::MICROPHONE);
    }
    response
}

pub async fn print(
    State(state): State<AppState>,
    Visitor(who): Visitor,
    Path(text): Path<String>,
) -> Response {
    let page = print_page(&state, &who, &text).await;
    answer_unsealed(&state, &who, page, &format!("/api/reports/{text}/glass"))
}

async fn print_page(state: &AppState, who: &Acting, text: &str) -> Result<Html<String>, ApiError> {
    let report: ReportId = id(text, "report")?;
    let asks = who.clone();
    let (open, copies) = state.db(move |site| chart::print(site, &asks, report)).await?;
    let values = context! {
        person => frame(who),
        here => "",
        report => Value::from(Serde(PrintPage::new(&open, &copies, &state.site))),
        printed_at => super::wire_pages::local(state.site.clock.now()),
    };
    state.templates.page("print.html", values)
}

/// The signing list; each text is fetched, and so audited, when it is shown.
pub async fn sign(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let values = context! { person => frame(&who), here => "sign" };
    let page = state.templates.page("sign.html", values);
    answer(&state, &who, page)
}

/// Copies that are to be sent.
pub async fn copies(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let values = context! { person => frame(&who), here => "copies" };
    let page = state.templates.page("copies.html", values);
    answer(&state, &who, page)
}

/// Sampling, scores and line counts; what of these a person has, the API decides.
pub async fn quality(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let work_types = state.site.work_types.iter().map(|work_type| {
        context! { code => work_type.code.as_str(), name => &work_type.name }
    });
    let work_types = work_types.collect::<Vec<_>>();
    let values = context! { person => frame(&who), here => "quality", work_types };
    let page = state.templates.page("quality.html", values);
    answer(&state, &who, page)
}

pub async fn life(
    State(state): State<AppState>,
    Visitor(who): Visitor,
    Path(text): Path<String>,
) -> Response {
    let page = life_page(&state, &who, &text).await;
    answer_unsealed(&state, &who, page, &format!("/api/reports/{text}/glass"))
}

async fn life_page(state: &AppState, who: &Acting, text: &str) -> Result<Html<String>, ApiError> {
    let report: ReportId = id(text, "report")?;
    let asks = who.clone();
    let life = state.db(move |site| life::life(site, &asks, report)).await?;
    let values = context! {
        person => frame(who),
        here => "",
        life => Value::from(Serde(LifePage::from(&life))),
    };
    state.templates.page("life.html", values)
}

pub async fn patients(State(state): State<AppState>, Visitor(who): Visitor) -> Response {
    let values = context! { person => frame(&who), here => "patients" };
    let page = state.templates.page("patients.html", values);
    answer(&state, &who, page)
}

pub async fn chart(
    State(state): State<AppState>,
    Visitor(who): Visitor,
    Path(text): Path<String>,
) -> Response {
    let page = chart_page(&state, &who, &text).await;
    answer_unsealed(&state, &who, page, &format!("/api/patients/{text}/glass"))
}

async fn chart_page(state: &AppState, who: &Acting, text: &str) -> Result<Html<String>, ApiError> {
    let patient: PatientId = id(text, "patient")?;
    let asks = who.clone();
    let chart = state.db(move |site| chart::chart(site, &asks, patient)).await?;
    let page = Value::from(Serde(ChartPage::new(&chart, &state.site.work_types)));
    let values = context! { person => frame(who), here => "patients", chart => page };
    state.templates.page("chart.html", values)
}
