//! `chartscribe user`: people and their API tokens, managed at the machine itself.
//!
//! Not for: what a role allows (`workflow/permission.rs`).

use super::out;
use super::place::{PlaceArgs, operator};
use crate::domain::ids::TokenId;
use crate::domain::label::Label;
use crate::domain::person::{Department, Role};
use crate::domain::scope::Scope;
use crate::workflow::people::{self, NewPerson};
use crate::workflow::{credentials, departments, standing};
use anyhow::{Context, bail};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use std::io::BufRead;
use std::process::ExitCode;

/// The longest line that is read as a password.
const PASSWORD_LINE_MAX: u64 = 4096;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Add a person.
    Add {
        username: String,
        /// Author, transcriptionist, reviewer, records-specialist, privacy-officer, auditor,
        /// administrator; several with commas.
        #[arg(long, required = true, value_delimiter = ',', value_parser = role)]
        roles: Vec<Role>,
        /// The name as it is shown and signed; the user name where it is missing.
        #[arg(long)]
        display_name: Option<String>,
        /// Letters behind the name, such as MD.
        #[arg(long, default_value = "")]
        credential: String,
        /// The department the person belongs to.
        #[arg(long)]
        department: Option<String>,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List everybody: user name, name, roles, state, department.
    List,
    /// Set a new password and end the person's sessions.
    Password {
        username: String,
        #[arg(long)]
        password_stdin: bool,
    },
    /// Say to which department a person belongs; to none where it is missing.
    Department { username: String, department: Option<String> },
    /// Keep a person out and end their sessions.
    Disable { username: String },
    /// Let a person in again.
    Enable { username: String },
    /// Make an API token, printed once.
    Token {
        username: String,
        /// What the token is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// What it may be used for: dictate, read, edit, audit; several with commas.
        #[arg(long, default_value = "dictate", value_delimiter = ',', value_parser = scope)]
        scopes: Vec<Scope>,
    },
    /// List a person's API tokens.
    Tokens { username: String },
    /// End an API token.
    RevokeToken { id: TokenId },
    /// Make a code with which the person sets a new password, printed once.
    ResetPassword { username: String },
    /// Give a person a clearance for a label, or take it.
    Clearance {
        username: String,
        /// PSY, ETH, HIV, SDV, GENETIC, REPRODUCTIVE, VIP, MINOR or RESTRICTED.
        #[arg(value_parser = label)]
        label: Label,
        /// Take it away.
        #[arg(long)]
        revoke: bool,
    },
    /// Say who cosigns an author's reports; nobody where the cosigner is missing.
    Cosigner { author: String, cosigner: Option<String> },
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_code(text.trim()).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        format!("the roles are {}", known.join(", "))
    })
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::from_code(text.trim()).ok_or_else(|| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.code()).collect();
        format!("the scopes are {}", known.join(", "))
    })
}

fn label(text: &str) -> Result<Label, String> {
    Label::from_code(&text.trim().to_ascii_uppercase()).ok_or_else(|| {
        let known: Vec<&str> = Label::ALL.iter().map(|label| label.code()).collect();
        format!("the labels are {}", known.join(", "))
    })
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let site = args.place.open()?;
    let who = operator();
    match args.what {
        What::Add { username, roles, display_name, credential, department, password_stdin } => {
            let password = read_password(password_stdin)?;
            let display_name = display_name.unwrap_or_else(|| username.clone());
            let new = NewPerson { username, display_name, credential, roles, department, password };
            people::add(&site, &who, new)?;
            eprintln!("added");
        }
        What::List => {
            for person in people::list(&site, &who)? {
                let roles: Vec<&str> = person.roles.iter().map(|role| role.code()).collect();
                let state = if person.active { "active" } else { "disabled" };
                let department = person.department.as_ref().map_or("", Department::as_str);
                let (name, roles) = (person.signature_name(), roles.join(","));
                let line = format!("{}\t{name}\t{roles}\t{state}\t{department}", person.username);
                out::line(line)?;
            }
        }
        What::Password { username, password_stdin } => {
            let password = read_password(password_stdin)?;
            people::set_password(&site, &who, &username, &password)?;
            eprintln!("changed; the person's sessions are ended");
        }
        What::Department { username, department } => {
            departments::set(&site, &who, &username, department.as_deref())?;
        }
        What::Disable { username } => people::set_active(&site, &who, &username, false)?,
        What::Enable { username } => people::set_active(&site, &who, &username, true)?,
        What::Token { username, name, scopes } => {
            let token = people::issue_token(&site, &who, &username, &name, &scopes)?;
            out::line(token.expose_secret())?;
        }
        What::Tokens { username } => {
            for token in people::tokens(&site, &who, &username)? {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.code()).collect();
                let state = if token.ended_at.is_some() { "ended" } else { "live" };
                let scopes = scopes.join(",");
                out::line(format_args!("{}\t{}\t{scopes}\t{state}", token.id, token.name))?;
            }
        }
        What::RevokeToken { id } => people::revoke_token(&site, &who, id)?,
        What::ResetPassword { username } => {
            let code = credentials::begin_reset(&site, &who, &username)?;
            out::line(code.expose_secret())?;
            eprintln!("Hand this code to the person; it works once, within an hour.");
        }
        What::Clearance { username, label, revoke } => {
            standing::set_clearance(&site, &who, &username, label, !revoke)?;
        }
        What::Cosigner { author, cosigner } => {
            standing::set_cosigner(&site, &who, &author, cosigner.as_deref())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read_password(from_stdin: bool) -> anyhow::Result<SecretString> {
    if from_stdin {
        let mut line = String::new();
        let mut input = std::io::Read::take(std::io::stdin().lock(), PASSWORD_LINE_MAX);
        input.read_line(&mut line).context("cannot read the password from standard input")?;
        return Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_string()));
    }
    let first = rpassword::prompt_password("Password: ").context("cannot ask for a password")?;
    let again = rpassword::prompt_password("Again: ").context("cannot ask for a password")?;
    if first != again {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(SecretString::from(first))
}
