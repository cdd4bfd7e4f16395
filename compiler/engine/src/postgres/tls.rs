//! Encrypted connections.
//!
//! `sslmode=disable` never encrypts. `sslmode=require` encrypts, and the server must prove by a certificate of the system's
//! store, or of the file that `SSL_CERT_FILE` names, that it is the one it is called. `sslmode=prefer`, which holds where
//! nothing is written, encrypts where the server can and asks for no proof, like other clients of PostgreSQL.

use std::sync::Arc;

use ::postgres::config::SslMode;
use ::postgres::{Client, Config, Error, NoTls};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::refusal::{Refusal, Trouble};
use crate::EngineError;

/// How a connection is encrypted.
pub(super) enum Tls {
    Plain,
    Encrypted(Box<MakeRustlsConnect>),
}

impl Tls {
    /// What the connection text asks for.
    ///
    /// # Errors
    /// A proof is asked for, and no certificate is there that anything could be proved with.
    pub(super) fn of(config: &Config) -> Result<Self, EngineError> {
        // A second call finds it there already.
        _ = ring::default_provider().install_default();
        Ok(match config.get_ssl_mode() {
            SslMode::Disable => Self::Plain,
            SslMode::Prefer => Self::Encrypted(Box::new(unverified()?)),
            _ => Self::Encrypted(Box::new(verified()?)),
        })
    }

    pub(super) fn connect(self, config: &Config) -> Result<Client, Error> {
        match self {
            Self::Plain => config.connect(NoTls),
            Self::Encrypted(tls) => config.connect(*tls),
        }
    }
}

fn verified() -> Result<MakeRustlsConnect, EngineError> {
    let none = "this system has no certificates to verify the server's with".to_owned();
    MakeRustlsConnect::with_native_certs().map(|(tls, _)| tls).map_err(|_| Refusal::of(Trouble::Tls, none).into())
}

fn unverified() -> Result<MakeRustlsConnect, EngineError> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| EngineError::from(Refusal::of(Trouble::Tls, error.to_string())))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Accepts whoever answers; what is signed must still be signed rightly.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
