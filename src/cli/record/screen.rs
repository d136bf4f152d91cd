//! The recorder's screen: patient, level, text, and what can be done.
//!
//! Not for: keys (`terminal.rs`).
//!
//! Invariant: draws what the view says and nothing else; fits 60 columns and 20 lines.

use super::words;
use crate::mic::desk::{State, View};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, Paragraph, Wrap};

/// The level's bar begins here, dB of full scale.
const FLOOR_DB: f32 = -60.0;
/// Above this the bar is yellow.
const LOUD_DB: f32 = -6.0;

/// What the next key means.
pub enum Mode {
    Keys,
    Discard,
    Patient(String),
    WorkType(String),
    /// Microphones, name and description, and what was typed of one.
    Devices(Vec<(String, String)>, String),
}

pub struct Screen<'a> {
    pub view: &'a View,
    pub server: &'a str,
    pub notices: &'a [String],
    pub mode: &'a Mode,
}

pub fn draw(frame: &mut Frame, screen: &Screen) {
    let notices = screen.notices.len() as u16 + u16::from(words::warning(screen.view).is_some());
    let rows = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(4),
        Constraint::Length(2),
        Constraint::Min(4),
        Constraint::Length(notices),
        Constraint::Length(2),
    ]);
    let [head, about, level, middle, below, keys] = rows.areas(frame.area());
    draw_head(frame, head, screen);
    draw_about(frame, about, screen.view);
    draw_level(frame, level, screen.view);
    draw_middle(frame, middle, screen);
    draw_notices(frame, below, screen);
    let help = Paragraph::new(help(screen)).wrap(Wrap { trim: true });
    frame.render_widget(help.style(Style::new().add_modifier(Modifier::BOLD)), keys);
}

fn draw_head(frame: &mut Frame, area: Rect, screen: &Screen) {
    let link = words::link(screen.view);
    let colour = if link == "Connected" { Color::Green } else { Color::Yellow };
    let mut spans = vec![Span::styled(link, Style::new().fg(colour))];
    if let Some(live) = words::live(screen.view) {
        spans.push(Span::raw(format!("; {live}")));
    }
    let name = Line::from(format!("Chartscribe  {}", screen.server)).dim();
    frame.render_widget(Paragraph::new(vec![name, Line::from(spans)]), area);
}

fn draw_about(frame: &mut Frame, area: Rect, view: &View) {
    let about = &view.about;
    let certain = match (&about.mrn, about.confirmed) {
        (None, _) => "",
        (Some(_), true) => "  (confirmed)",
        (Some(_), false) => "  (not confirmed)",
    };
    let work_type = about.work_type.as_deref().unwrap_or("not given");
    let mut second = vec![Span::raw(format!("Work type {work_type}"))];
    if about.stat {
        second.push("   STAT".red().bold());
    }
    let lines =
        vec![Line::from(format!("{}{certain}", words::patient(about))).bold(), Line::from(second)];
    let block = Block::bordered().title("Patient");
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn draw_level(frame: &mut Frame, area: Rect, view: &View) {
    let [first, second] = Layout::vertical([Constraint::Length(1); 2]).areas(area);
    let [left, bar] =
        Layout::horizontal([Constraint::Length(28), Constraint::Min(10)]).areas(first);
    let state = words::state(view.state).to_uppercase();
    let style = match view.state {
        State::Recording => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        _ => Style::new(),
    };
    let line = format!("{state}  {}", words::clock_of(view.samples));
    frame.render_widget(Paragraph::new(line).style(style), left);
    let peak = view.mic.level.peak_db();
    let filled = ((peak - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
    let colour = match peak {
        _ if view.mic.level.is_clipping() => Color::Red,
        loud if loud > LOUD_DB => Color::Yellow,
        _ => Color::Green,
    };
    let label = match &view.device {
        Some(_) if peak > FLOOR_DB => format!("{peak:.0} dB"),
        Some(_) => "silent".to_owned(),
        None => "no microphone".to_owned(),
    };
    let gauge = Gauge::default().ratio(f64::from(filled)).label(label);
    frame.render_widget(gauge.gauge_style(Style::new().fg(colour)), bar);
    let mut line = format!("At the server: {}.", words::clock_of(view.progress.acknowledged));
    if view.mic.lost_ms + view.mic.overruns + view.mic.missing_ms > 0 {
        line = format!("{line} {}", words::losses(&view.mic));
    }
    frame.render_widget(Paragraph::new(line).dim(), second);
}

fn draw_middle(frame: &mut Frame, area: Rect, screen: &Screen) {
    let view = screen.view;
    if let Mode::Devices(names, _) = screen.mode {
        let lines = names.iter().map(|(id, text)| format!("{id}: {text}"));
        return list(frame, area, "Microphones", lines.collect());
    }
    if view.state == State::Ready && view.samples == 0 && !view.offers.is_empty() {
        let lines = view.offers.iter().zip(1..).map(|(o, n)| format!("{n}  {}", words::offer(o)));
        return list(frame, area, "Recordings that wait", lines.collect());
    }
    let heard = &view.progress.text;
    let mut lines: Vec<Line> = heard.text.lines().map(Line::from).collect();
    let partial = Span::styled(heard.partial.clone(), Style::new().fg(Color::DarkGray));
    match lines.last_mut() {
        Some(last) => {
            last.push_span(" ");
            last.push_span(partial);
        }
        None => lines.push(Line::from(partial)),
    }
    let block = Block::bordered().title("Text so far");
    let inside = block.inner(area);
    let text = Paragraph::new(lines).wrap(Wrap { trim: false });
    // The newest words are always seen.
    let wrapped: usize = text_lines(&heard.text, &heard.partial, inside.width);
    let hidden = wrapped.saturating_sub(usize::from(inside.height));
    frame.render_widget(text.scroll((hidden as u16, 0)).block(block), area);
}

/// Lines that the text takes, a little generously: wrapping by words wastes some columns.
fn text_lines(text: &str, partial: &str, width: u16) -> usize {
    let width = usize::from(width.max(1));
    let all = format!("{text} {partial}");
    let mut count = 0;
    for line in all.lines() {
        let mut column = 0;
        count += 1;
        for word in line.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                count += 1;
                column = length;
            } else {
                column += length + usize::from(column > 0);
            }
        }
    }
    count
}

fn list(frame: &mut Frame, area: Rect, title: &str, lines: Vec<String>) {
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    let block = Block::bordered().title(title.to_owned());
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn draw_notices(frame: &mut Frame, area: Rect, screen: &Screen) {
    let mut lines: Vec<Line> = screen.notices.iter().map(|n| Line::from(n.as_str())).collect();
    if let Some(warning) = words::warning(screen.view) {
        lines.push(Line::from(warning).yellow().bold());
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// What can be done now.
fn help(screen: &Screen) -> String {
    let view = screen.view;
    match screen.mode {
        Mode::Discard => "Discard this recording? y discards it, any other key goes on".to_owned(),
        Mode::Patient(text) => format!("MRN: {text}_   Enter asks the server, Esc goes back"),
        Mode::WorkType(text) => format!("Work type: {text}_   Enter takes it, Esc goes back"),
        Mode::Devices(_, text) => {
            format!(
                "Name of the microphone, or a part of it: {text}_   Enter takes it, Esc goes back"
            )
        }
        Mode::Keys => match words::question(view) {
            Some(question) => format!("{question}  y yes  n no"),
            None => keys(view),
        },
    }
}

fn keys(view: &View) -> String {
    let record = match view.state {
        State::Recording => "Space pause",
        State::Ready if view.samples == 0 => "Space record",
        _ => "Space record on",
    };
    let mut keys = vec![record];
    if view.samples > 0 || view.state != State::Ready {
        keys.extend(["s send", "d discard"]);
    }
    keys.extend(["p patient", "u STAT", "w work type", "m microphone", "q quit"]);
    keys.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phi::Phi;
    use crate::mic::about::{About, Named};
    use crate::mic::delivery::{Link, Progress};
    use crate::mic::desk::Question;
    use crate::mic::level::Level;
    use crate::mic::recorder::Status;
    use crate::mic::upload::Heard;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn drawn(view: &View, mode: &Mode) -> String {
        let mut terminal = Terminal::new(TestBackend::new(78, 20)).expect("in memory");
        let notices = ["Microphone: SpeechMike, 48000 Hz.".to_owned()];
        let server = "https://chart.example";
        let screen = Screen { view, server, notices: &notices, mode };
        terminal.draw(|frame| draw(frame, &screen)).expect("in memory");
        terminal.backend().to_string()
    }

    fn view() -> View {
        let phi = |text: &str| Phi::new(text.to_owned());
        let patient = Named {
            mrn: phi("DEMO-1002"),
            name: phi("Testcase, Beatrice"),
            birth_date: phi("1961-02-03"),
        };
        View {
            state: State::Ready,
            device: Some("SpeechMike".to_owned()),
            rate: Some(48_000),
            mic: Status::default(),
            about: About { mrn: Some(phi("DEMO-1002")), ..About::default() },
            question: Question::Named(patient),
            samples: 0,
            progress: Progress::default(),
            held_back: true,
            away: None,
            live_free: Some(1),
            offers: Vec::new(),
            on_their_way: Vec::new(),
        }
    }

    #[test]
    fn the_patient_is_shown_and_asked_for_before_anything_is_recorded() {
        let shown = drawn(&view(), &Mode::Keys);
        let asked = "Is this the patient? Testcase, Beatrice, born 1961-02-03, MRN DEMO-1002";
        let flat = shown.replace(['"', '\n'], " ");
        let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(asked), "{shown}");
        assert!(flat.contains("(not confirmed)") && flat.contains("y yes n no"), "{shown}");
        assert!(flat.contains("Connected; text while you speak"), "{shown}");
    }

    #[test]
    fn while_somebody_speaks_level_text_and_trouble_are_on_the_screen() {
        let text = Heard {
            text: "Weigh the patient daily.".to_owned(),
            partial: "and check".to_owned(),
            ..Heard::default()
        };
        let link = Link::Away("the server cannot be reached".to_owned());
        let progress = Progress {
            link,
            begun: true,
            live: true,
            acknowledged: 80_000,
            text,
            ..Progress::default()
        };
        let mic = Status {
            level: Level { peak: 1.0, rms: 0.3, clipped: 9 },
            clipped_ms: Some(10),
            overruns: 2,
            ..Status::default()
        };
        let about = About { confirmed: true, stat: true, ..view().about };
        let view = View {
            state: State::Recording,
            question: Question::None,
            samples: 160_000,
            held_back: false,
            progress,
            mic,
            about,
            ..view()
        };
        let shown = drawn(&view, &Mode::Keys);
        for said in [
            "No connection; what you say is kept here (the server cannot be reached)",
            "RECORDING  00:10.0",
            "At the server: 00:05.0. Overruns: 0 ms lost here, 2 in the sound system.",
            "Weigh the patient daily. and check",
            "Too loud",
            "STAT",
            "Space pause  s send  d discard",
        ] {
            assert!(shown.contains(said), "{said:?} in\n{shown}");
        }
        assert!(drawn(&view, &Mode::Discard).contains("Discard this recording?"));
    }
}
