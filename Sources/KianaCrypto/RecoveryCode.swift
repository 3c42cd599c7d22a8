internal import CSodium
internal import KianaModel

/// The one recovery code: 32 random bytes from which every offline secret of a node comes.
///
/// Text form: bech32 with the human part `kiana`, 64 characters, shown in groups of four. The node
/// keeps no part of it; what it keeps are public values derived from it (DESIGN section 5).
package enum RecoveryCode {
  package static let masterBytes = 32

  /// A new master from the kernel's generator.
  package static func make() -> Secret {
    Secret(randomCount: masterBytes)
  }

  /// The text of the code in guarded memory: ASCII, without groups.
  package static func text(of master: borrowing Secret) -> Secret {
    text(of: master, humanPart: "kiana")
  }

  /// Bech32 of secret bytes, in guarded memory.
  static func text(of bytes: borrowing Secret, humanPart: StaticString) -> Secret {
    let count = bytes.count
    let length = Bech32.length(humanPart: humanPart, count: count)
    return unsafe bytes.withPointer { source in
      unsafe Secret(
        count: length,
        unsafelyFilledBy: { out in
          var written = 0
          Bech32.encode(
            humanPart: humanPart, count: count, byte: { unsafe source[$0] },
            emit: {
              unsafe out[written] = $0
              written += 1
            })
        })
    }
  }

  package static let groupLetters = 4

  /// The code as it is written down: groups of four apart by spaces, and a newline.
  package static func groups(of master: borrowing Secret) -> Secret {
    grouped(text(of: master))
  }

  /// Letters in groups of four apart by spaces, and a newline.
  static func grouped(_ text: borrowing Secret) -> Secret {
    let count = text.count
    let groups = (count + groupLetters - 1) / groupLetters
    return unsafe text.withPointer { source in
      unsafe Secret(
        count: count + groups,
        unsafelyFilledBy: { out in
          for index in 0..<count { unsafe out[index + index / groupLetters] = source[index] }
          for group in 1..<groups { unsafe out[group * (groupLetters + 1) - 1] = 0x20 }
          unsafe out[count + groups - 1] = 0x0A
        })
    }
  }

  /// Whether a person typed the group at that place, counted from 0, in whichever case.
  package static func isGroup(
    _ place: Int, of groups: borrowing Secret, _ typed: borrowing Secret
  ) -> Bool {
    guard typed.count == groupLetters else { return false }
    return unsafe groups.withPointer { code in
      unsafe typed.withPointer { typed in
        (0..<groupLetters).allSatisfy { letter in
          unsafe code[place * (groupLetters + 1) + letter] == typed[letter] | 0x20
            || code[place * (groupLetters + 1) + letter] == typed[letter]
        }
      }
    }
  }

  /// Reads what a person typed: upper or lower case, spaces and dashes between groups allowed.
  /// - Returns: nil when it is not a recovery code or mistyped; the checksum tells.
  package static func master(fromText text: borrowing Secret) -> Secret? {
    bytes(fromText: text, humanPart: "kiana", count: masterBytes)
  }

  /// Reads bech32 as a person typed it.
  static func bytes(
    fromText text: borrowing Secret, humanPart: StaticString, count: Int,
    skipsDashes: Bool = true
  ) -> Secret? {
    var isGood = false
    let bytes = unsafe text.withPointer { source in
      let kept = (0..<text.count).filter { index in
        switch unsafe source[index] {
        case 0x20, 0x0A, 0x0D: false
        case 0x2D: !skipsDashes
        default: true
        }
      }
      return unsafe Secret(
        count: count,
        unsafelyFilledBy: { out in
          var written = 0
          isGood = Bech32.decode(
            humanPart: humanPart, count: kept.count,
            character: { unsafe source[kept[$0]] },
            emit: {
              if written < count { unsafe out[written] = $0 }
              written += 1
            })
          isGood = isGood && written == count
        })
    }
    return if isGood { consume bytes } else { nil }
  }

  /// The seed of the control key that the `index`th rotation reveals; `index` counts from 1.
  package static func nextKeySeed(_ master: borrowing Secret, index: UInt64) -> Secret {
    derive(master, index: index, context: "kianaNXT")
  }

  /// The X25519 secret that opens the backups.
  package static func backupSecret(_ master: borrowing Secret) -> Secret {
    derive(master, index: 0, context: "kianaBAK")
  }

  /// The age recipient of the backups, `age1...`, which is public.
  package static func backupRecipient(_ master: borrowing Secret) -> String {
    let secret = backupSecret(master)
    let publicKey = Sodium().exchangePublicKey(ofSecret: secret)
    return Bech32.encode(humanPart: "age", publicKey.bytes)
  }

  /// libsodium's `crypto_kdf`: BLAKE2b keyed with the master, context and index in its salt.
  private static func derive(
    _ master: borrowing Secret, index: UInt64, context: String
  ) -> Secret {
    unsafe master.withPointer { key in
      unsafe Secret(
        count: 32,
        unsafelyFilledBy: { out in
          unsafe crypto_kdf_derive_from_key(out, 32, index, context, key)
        })
    }
  }
}
