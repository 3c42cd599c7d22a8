/// Where a passphrase comes from, in the words of the command line.
package enum PassphraseSource: Equatable, Sendable {
  /// `--passphrase-fd N`: one line from an open descriptor.
  case descriptor(Int32)
  /// `--passphrase-file FILE`, `$KIANA_PASSPHRASE_FILE`, a systemd credential.
  case file(String)
  /// `--passphrase-env NAME`: an environment variable, which other processes of the user can read.
  case environment(String)
  /// Typed at the terminal.
  case terminal
}
