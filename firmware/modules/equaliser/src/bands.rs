//! The bands and their coefficients.

use biquad::Coefficients;

/// What a band does to the spectrum.
#[derive(Clone, Copy, Debug)]
enum Shape {
    LowShelf,
    Peak,
    HighShelf,
}

/// One band.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    shape: Shape,
    frequency_hz: f64,
    gain_db: f64,
    q: f64,
}

/// From low to high.
pub const BANDS: [Band; 3] = [
    Band {
        shape: Shape::LowShelf,
        frequency_hz: 120.0,
        gain_db: 3.0,
        q: 0.707,
    },
    Band {
        shape: Shape::Peak,
        frequency_hz: 1_000.0,
        gain_db: -4.0,
        q: 1.0,
    },
    Band {
        shape: Shape::HighShelf,
        frequency_hz: 8_000.0,
        gain_db: 2.0,
        q: 0.707,
    },
];

/// A filter that changes nothing.
pub const FLAT: Coefficients<f32> = Coefficients {
    a1: 0.0,
    a2: 0.0,
    b0: 1.0,
    b1: 0.0,
    b2: 0.0,
};

impl Band {
    /// The filter at that rate; `None` from half the rate on, which the stream cannot carry.
    ///
    /// The formulas are those of the Audio EQ Cookbook. They are computed here and not by the
    /// filter crate because its sine depends on which features other crates switch on: the host's
    /// own, or the portable one that gives the DSP's bits.
    pub fn coefficients(&self, rate_hz: u32) -> Option<Coefficients<f32>> {
        let rate_hz = f64::from(rate_hz);
        if 2.0 * self.frequency_hz >= rate_hz {
            return None;
        }
        let omega = 2.0 * core::f64::consts::PI * self.frequency_hz / rate_hz;
        let (sin, cos) = (libm::sin(omega), libm::cos(omega));
        let alpha = sin / (2.0 * self.q);
        let a = libm::pow(10.0, self.gain_db / 40.0);
        let slope = 2.0 * libm::sqrt(a) * alpha;

        let (b0, b1, b2, a0, a1, a2) = match self.shape {
            Shape::Peak => (
                1.0 + alpha * a,
                -2.0 * cos,
                1.0 - alpha * a,
                1.0 + alpha / a,
                -2.0 * cos,
                1.0 - alpha / a,
            ),
            Shape::LowShelf => (
                a * ((a + 1.0) - (a - 1.0) * cos + slope),
                2.0 * a * ((a - 1.0) - (a + 1.0) * cos),
                a * ((a + 1.0) - (a - 1.0) * cos - slope),
                (a + 1.0) + (a - 1.0) * cos + slope,
                -2.0 * ((a - 1.0) + (a + 1.0) * cos),
                (a + 1.0) + (a - 1.0) * cos - slope,
            ),
            Shape::HighShelf => (
                a * ((a + 1.0) + (a - 1.0) * cos + slope),
                -2.0 * a * ((a - 1.0) + (a + 1.0) * cos),
                a * ((a + 1.0) + (a - 1.0) * cos - slope),
                (a + 1.0) - (a - 1.0) * cos + slope,
                2.0 * ((a - 1.0) - (a + 1.0) * cos),
                (a + 1.0) - (a - 1.0) * cos - slope,
            ),
        };
        Some(Coefficients {
            a1: (a1 / a0) as f32,
            a2: (a2 / a0) as f32,
            b0: (b0 / a0) as f32,
            b1: (b1 / a0) as f32,
            b2: (b2 / a0) as f32,
        })
    }
}
