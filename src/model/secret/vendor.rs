//! The shapes of well-known vendors' tokens, as their documentation gives them.

/// The characters that follow a beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Letters and digits.
    Plain,
    /// Capitals and digits.
    Capitals,
    /// Hexadecimal digits.
    Hex,
    /// Letters, digits, `_` and `-`.
    Url,
    /// The same and `.`.
    Dotted,
}

impl Class {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Plain => byte.is_ascii_alphanumeric(),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
        }
    }
}

/// How tokens of one sort look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// How they begin.
    pub(super) start: &'static str,
    /// What follows..
    pub(super) class: Class,
    /// ..and how much of it at least.
    pub(super) least: usize,
    /// What they are.
    pub(super) sort: &'static str,
}

const fn shape(start: &'static str, class: Class, least: usize, sort: &'static str) -> Shape {
    Shape {
        start,
        class,
        least,
        sort,
    }
}

use Class::{Capitals, Dotted, Hex, Plain, Url};

/// All of them. No two begin alike, but for those of which the longer comes first.
pub(super) const SHAPES: &[Shape] = &[
    shape("AIza", Url, 31, "Google API key"),
    shape("AKIA", Capitals, 16, "AWS access key"),
    shape("ASIA", Capitals, 16, "AWS access key"),
    shape("ATATT3", Url, 60, "Atlassian token"),
    shape("ATCTT3", Url, 60, "Atlassian token"),
    shape("ATTA", Plain, 60, "Trello token"),
    shape("EAA", Plain, 60, "Meta access token"),
    shape("GOCSPX-", Url, 20, "Google client secret"),
    shape("NRAK-", Capitals, 24, "New Relic key"),
    shape("PMAK-", Url, 40, "Postman key"),
    shape("SG.", Dotted, 37, "SendGrid key"),
    shape("SK", Hex, 32, "Twilio key"),
    shape("apify_api_", Plain, 30, "Apify token"),
    shape("dapi", Hex, 32, "Databricks token"),
    shape("doo_v1_", Hex, 40, "DigitalOcean token"),
    shape("dop_v1_", Hex, 40, "DigitalOcean token"),
    shape("dor_v1_", Hex, 40, "DigitalOcean token"),
    shape("dp.pt.", Plain, 40, "Doppler token"),
    shape("fc-", Hex, 32, "Firecrawl key"),
    shape("figd_", Url, 30, "Figma token"),
    shape("ghp_", Plain, 32, "GitHub token"),
    shape("gho_", Plain, 32, "GitHub token"),
    shape("ghr_", Plain, 32, "GitHub token"),
    shape("ghs_", Plain, 32, "GitHub token"),
    shape("ghu_", Plain, 32, "GitHub token"),
    shape("github_pat_", Url, 29, "GitHub token"),
    shape("glc_", Plain, 40, "Grafana token"),
    shape("gldt-", Url, 18, "GitLab token"),
    shape("glpat-", Dotted, 14, "GitLab token"),
    shape("glptt-", Url, 18, "GitLab token"),
    shape("glrt-", Dotted, 18, "GitLab token"),
    shape("glsa_", Url, 32, "Grafana token"),
    shape("gsk_", Plain, 40, "Groq key"),
    shape("hf_", Plain, 27, "Hugging Face token"),
    shape("key-", Hex, 32, "Mailgun key"),
    shape("lin_api_", Plain, 32, "Linear key"),
    shape("lin_oauth_", Plain, 32, "Linear token"),
    shape("lsv2_", Url, 36, "LangSmith key"),
    shape("npm_", Plain, 32, "npm token"),
    shape("ntn_", Plain, 36, "Notion token"),
    shape("pat-eu1-", Url, 30, "HubSpot token"),
    shape("pat-na1-", Url, 30, "HubSpot token"),
    shape("pat-na2-", Url, 30, "HubSpot token"),
    shape("pcsk_", Url, 40, "Pinecone key"),
    shape("pplx-", Plain, 40, "Perplexity key"),
    shape("pypi-", Url, 50, "PyPI token"),
    shape("r8_", Plain, 36, "Replicate token"),
    shape("rk_live_", Plain, 12, "Stripe key"),
    shape("rk_test_", Plain, 12, "Stripe key"),
    shape("rpa_", Plain, 40, "RunPod key"),
    shape("sb_secret_", Url, 20, "Supabase key"),
    shape("sbp_", Hex, 40, "Supabase token"),
    shape("secret_", Plain, 33, "Notion token"),
    shape("shpat_", Hex, 24, "Shopify token"),
    shape("shpca_", Hex, 24, "Shopify token"),
    shape("shppa_", Hex, 24, "Shopify token"),
    shape("shpss_", Hex, 24, "Shopify secret"),
    shape("sk-admin-", Url, 20, "OpenAI key"),
    shape("sk-ant-", Url, 30, "Anthropic key"),
    shape("sk-or-v1-", Hex, 40, "OpenRouter key"),
    shape("sk-proj-", Url, 30, "OpenAI key"),
    shape("sk-svcacct-", Url, 30, "OpenAI key"),
    shape("sk-", Plain, 27, "OpenAI key"),
    shape("sk_live_", Plain, 12, "Stripe key"),
    shape("sk_test_", Plain, 12, "Stripe key"),
    shape("sk_", Hex, 40, "ElevenLabs key"),
    shape("sntrys_", Plain, 40, "Sentry token"),
    shape("sntryu_", Hex, 40, "Sentry token"),
    shape("sq0csp-", Url, 30, "Square secret"),
    shape("tvly-", Url, 24, "Tavily key"),
    shape("whsec_", Plain, 14, "webhook secret"),
    shape("xai-", Plain, 60, "xAI key"),
    shape("xapp-", Url, 25, "Slack token"),
    shape("xkeysib-", Url, 60, "Brevo key"),
    shape("xoxa-", Url, 25, "Slack token"),
    shape("xoxb-", Url, 25, "Slack token"),
    shape("xoxc-", Url, 25, "Slack token"),
    shape("xoxd-", Url, 25, "Slack token"),
    shape("xoxe-", Url, 25, "Slack token"),
    shape("xoxe.", Dotted, 25, "Slack token"),
    shape("xoxo-", Url, 25, "Slack token"),
    shape("xoxp-", Url, 25, "Slack token"),
    shape("xoxr-", Url, 25, "Slack token"),
    shape("xoxs-", Url, 25, "Slack token"),
    shape("ya29.", Url, 25, "Google access token"),
];
