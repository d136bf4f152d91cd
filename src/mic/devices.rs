//! The microphones of this workstation.
//!
//! Not for: opening them (`capture`).
//!
//! Invariant: a name given by a person means one device or is refused.

use super::MicError;
use cpal::traits::{DeviceTrait, HostTrait};

/// A microphone as shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Stable name, as `--device` takes it.
    pub id: String,
    pub description: String,
    pub default: bool,
}

/// All microphones, the default one marked.
///
/// # Errors
/// `ListDevices` when there is no sound system.
pub fn list() -> Result<Vec<DeviceInfo>, MicError> {
    let host = cpal::default_host();
    let default = host.default_input_device().and_then(|device| device.id().ok());
    let mut found = Vec::new();
    for device in host.input_devices().map_err(|source| MicError::ListDevices { source })? {
        let Ok(id) = device.id() else { continue };
        found.push(DeviceInfo {
            default: default.as_ref() == Some(&id),
            id: id.id().to_owned(),
            description: device.to_string(),
        });
    }
    Ok(found)
}

/// The named microphone, or the default one.
///
/// # Errors
/// `NoDevice`, `UnknownDevice`, `AmbiguousDevice` or `ListDevices`.
pub fn find(name: Option<&str>) -> Result<cpal::Device, MicError> {
    let host = cpal::default_host();
    let Some(name) = name else {
        return host.default_input_device().ok_or(MicError::NoDevice);
    };
    // A name that the sound system knows may be missing from its own list.
    let whole_id = format!("{}:{name}", host.id()).parse();
    if let Some(device) = whole_id.ok().and_then(|id| host.device_by_id(&id)) {
        return Ok(device);
    }
    let mut devices = Vec::new();
    let mut names = Vec::new();
    for device in host.input_devices().map_err(|source| MicError::ListDevices { source })? {
        let id = device.id().map(|id| id.id().to_owned()).unwrap_or_default();
        names.push((id, device.to_string()));
        devices.push(device);
    }
    let index = matching(name, &names)?;
    Ok(devices.swap_remove(index))
}

/// The one device with this id or description, or else with this text in its description.
fn matching(name: &str, devices: &[(String, String)]) -> Result<usize, MicError> {
    if let Some(exact) = devices.iter().position(|(id, text)| id == name || text == name) {
        return Ok(exact);
    }
    let wanted = name.to_lowercase();
    let mut found = Vec::new();
    for (index, (_, description)) in devices.iter().enumerate() {
        if description.to_lowercase().contains(&wanted) {
            found.push(index);
        }
    }
    match found[..] {
        [only] => Ok(only),
        [] => Err(MicError::UnknownDevice { name: name.to_owned() }),
        _ => Err(MicError::AmbiguousDevice { name: name.to_owned(), count: found.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_device_or_is_refused() {
        let devices = [
            ("default".to_owned(), "Default Audio Device".to_owned()),
            ("hw:1,0".to_owned(), "SpeechMike, USB Audio".to_owned()),
            ("hw:2,0".to_owned(), "Webcam, USB Audio".to_owned()),
        ];
        assert!(matches!(matching("hw:2,0", &devices), Ok(2)));
        assert!(matches!(matching("Webcam, USB Audio", &devices), Ok(2)));
        assert!(matches!(matching("speechmike", &devices), Ok(1)));
        let ambiguous = matching("USB", &devices);
        assert!(matches!(ambiguous, Err(MicError::AmbiguousDevice { count: 2, .. })));
        assert!(matches!(matching("dictaphone", &devices), Err(MicError::UnknownDevice { .. })));
    }
}
