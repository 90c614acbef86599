use super::*;
use crate::run::sample;

/// Plans a topology of modules that are this file of no module.
fn plan(text: &str) -> Result<Plan, String> {
    let folder = tempfile::tempdir().unwrap();
    sample::write(&folder.path().join("in.wav")).unwrap();
    let topology = Topology::parse(text).map_err(|error| error.to_string())?;
    let inputs: Vec<_> = topology
        .buffers
        .iter()
        .filter_map(|buffer| match &buffer.from {
            End::File(path) => {
                let input = Input::read(&folder.path().join(path)).unwrap();
                Some((path.clone(), input))
            }
            End::Pin { .. } => None,
        })
        .collect();
    let library = Library {
        folder: folder.path(),
        known: &|_| None,
    };
    let told = |error: TopologyError| error.to_string();
    let flows = flows(&topology, &inputs).map_err(told)?;
    let mut plan = Plan {
        modules: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        requests: Vec::new(),
        blobs: Vec::new(),
        ticks: 500,
    };
    for (index, buffer) in topology.buffers.iter().enumerate() {
        plan.connect(&topology, index, buffer, flows[index], &library)
            .map_err(told)?;
    }
    plan.events(&topology, &library).map_err(told)?;
    plan.tear_down(&topology);
    Ok(plan)
}

const TWO: &str = r#"
    [[module]]
    name = "a"
    file = "f"
    [[module]]
    name = "b"
    file = "f"
    period_us = 2000
    [[buffer]]
    from = "in.wav"
    to = "a"
    [[buffer]]
    from = "a"
    to = "b"
    [[buffer]]
    from = "b"
    to = "out.wav"
    rate = 16000
    channels = 1
    bits = 24
"#;

#[test]
fn formats_follow_what_comes_in_and_buffers_hold_whole_periods_of_both() {
    let plan = plan(TWO).unwrap();
    let binds: Vec<_> = plan
        .requests
        .iter()
        .filter_map(|(_, request)| match request {
            Request::Bind {
                bytes,
                rate,
                channels,
                ..
            } => Some((*bytes, *rate, *channels)),
            _ => None,
        })
        .collect();
    assert_eq!(
        binds,
        [
            (2 * 384, 48_000, 2),
            (2 * 768, 48_000, 2),
            (2 * 128, 16_000, 1)
        ]
    );
    let output = &plan.outputs[0];
    assert_eq!((output.format.bits, output.frames), (24, 8_000));
    assert_eq!(plan.requests.last(), Some(&(500, Request::End)));
}

#[test]
fn events_come_in_time_and_configurations_before_the_audio() {
    let events = r#"
        [[fault]]
        at_ms = 30
        module = "b"
        kind = "withdraw"
        [[state]]
        at_ms = 10
        state = "paused"
        [[config]]
        module = "a"
        id = 1
        bytes = [1, 2]
        [[config]]
        at_ms = 20
        module = "b"
        id = 2
        text = "abc"
        [[ask]]
        at_ms = 501
        module = "b"
        id = 2
    "#;
    let plan = plan(&format!("{TWO}{events}")).unwrap();
    assert_eq!(plan.blobs, [1, 2, b'a', b'b', b'c']);
    let at = |wanted: fn(&Request) -> bool| {
        let place = plan
            .requests
            .iter()
            .position(|(_, request)| wanted(request));
        place.map(|place| (place, plan.requests[place].0))
    };
    let config = at(|request| matches!(request, Request::SetConfig { id: 1, .. })).unwrap();
    let running = at(|request| {
        matches!(
            request,
            Request::SetPhase {
                phase: Phase::Running,
                ..
            }
        )
    });
    assert!(config < running.unwrap());
    let second = at(|request| matches!(request, Request::SetConfig { id: 2, .. }));
    assert_eq!(second.unwrap().1, 20);
    let fault = at(|request| matches!(request, Request::Inject { .. })).unwrap();
    assert_eq!(fault.1, 30);
    // Behind the end nothing is asked.
    assert_eq!(
        at(|request| matches!(request, Request::GetConfig { .. })),
        None
    );
    let ticks: Vec<_> = plan.requests.iter().map(|(tick, _)| *tick).collect();
    assert!(ticks.is_sorted());
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for (from, to, part) in [
        ("bits = 24", "bits = 8", "cannot have 8 bits"),
        ("rate = 16000", "rate = 400", "no whole number of frames"),
        (
            "rate = 16000",
            "rate = 44100",
            "a period of `b` is no whole number of frames: 2000 microseconds of 44100 Hz",
        ),
        ("rate = 16000", "periods = 1000000", "at most 61440"),
        ("rate = 16000", "rate = 0", "has no rate"),
        (
            "to = \"a\"",
            "to = \"a\"\n rate = 44100",
            "the file has 48000",
        ),
        (
            "bits = 24",
            "bits = 24\n[[config]]\nmodule = \"a\"\nid = 1",
            "exactly one of",
        ),
        (
            "bits = 24",
            "bits = 24\n[[config]]\nmodule = \"a\"\nid = 1\nfile = \"none\"",
            "`none` cannot be read",
        ),
    ] {
        let error = plan(&TWO.replace(from, to)).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn raw_samples_become_a_wav_file() {
    let output = Output {
        path: PathBuf::from("o.wav"),
        format: Format {
            rate: 8_000,
            channels: 1,
            bits: 16,
        },
        frames: 2,
    };
    let raw: Vec<u8> = [1 << 16, -(1 << 16), 7]
        .iter()
        .flat_map(|s: &i32| s.to_le_bytes())
        .collect();
    let (file, is_whole) = output.file(&raw);
    assert!(is_whole);
    assert_eq!(file[44..], [1, 0, 0xff, 0xff]);
    assert!(!output.file(&raw[..4]).1);
}

#[test]
fn a_buffer_that_goes_early_is_not_taken_away_again_at_the_end() {
    for (at, expected) in [
        (100, [(100, 1), (500, 0), (500, 2)]),
        // What would come behind the end comes with it.
        (501, [(500, 0), (500, 1), (500, 2)]),
    ] {
        let text = format!("{TWO}\n[[unbind]]\nat_ms = {at}\nfrom = \"a\"\nto = \"b:0\"\n");
        let requests = plan(&text).unwrap().requests;
        let unbinds = requests.iter().filter_map(|(tick, request)| match request {
            Request::Unbind(index) => Some((*tick, *index)),
            _ => None,
        });
        assert_eq!(unbinds.collect::<Vec<_>>(), expected);
    }
}
