//! What was found for a rule, as a line of the parameter file.

use std::collections::BTreeMap;

use super::heard::{Effect, Power};
use super::search::{Certificate, Choice};
use super::subject::Subject;
use crate::anomaly::method;
use crate::anomaly::rules::canonical;
use crate::anomaly::times;
use crate::record::anomaly::{Parameters, Stream, Transform};

/// Where the numbers come from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub data_sha256: &'a str,
    pub seed: u64,
    /// Of this program.
    pub version: &'a str,
}

impl Subject<'_> {
    pub fn parameters(&self, choice: &Choice, certificate: &Certificate, origin: Origin) -> Parameters {
        let rule = self.rule;
        let fields = canonical::fields(rule);
        let [spike, drop] = [Effect::Spike, Effect::Drop].map(|effect| power(&certificate.power, effect));
        Parameters {
            rule: rule.id.clone(),
            streams: streams(&choice.config.streams),
            alpha: choice.config.alpha,
            transform: transform(choice.config.transform),
            rel_floor: choice.config.rel_floor,
            threshold: choice.threshold,
            threshold_by_tenant: self.thresholds(choice),
            min_power: rule.min_power,
            must_detect: canonical::must_detect(&rule.must_detect),
            spike_power: spike.map(Power::estimate),
            spike_power_lo: spike.map(|power| power.low),
            drop_power: drop.map(Power::estimate),
            drop_power_lo: drop.map(|power| power.low),
            data_sha256: origin.data_sha256.to_owned(),
            data_from: times::text(self.span.from),
            certified_from: times::text(self.span.split),
            data_to: times::text(self.span.until),
            series: self.series as u64,
            buckets: self.buckets as u64,
            rule_sha256: canonical::sha256(&fields),
            rule_fields: fields,
            seed: origin.seed,
            version: origin.version.to_owned(),
        }
    }

    fn thresholds(&self, choice: &Choice) -> BTreeMap<String, f64> {
        let named = self.tenants.iter().zip(&choice.threshold_by_tenant);
        named.filter_map(|(tenant, threshold)| Some((tenant.clone()?, *threshold))).collect()
    }
}

pub fn power(all: &[Power], effect: Effect) -> Option<Power> {
    all.iter().copied().find(|power| power.effect == effect)
}

pub fn streams(streams: &[method::Stream]) -> Vec<Stream> {
    let of = |stream: &method::Stream| match stream {
        method::Stream::Level => Stream::Level,
        method::Stream::Day => Stream::Day,
        method::Stream::Week => Stream::Week,
    };
    streams.iter().map(of).collect()
}

pub fn transform(transform: method::Transform) -> Transform {
    match transform {
        method::Transform::Identity => Transform::Identity,
        method::Transform::Sqrt => Transform::Sqrt,
    }
}
