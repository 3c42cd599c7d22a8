/// The tables of `kiana.db`, as migrations: a script that has shipped is never edited; what changes
/// later is a new script. `docs/FORMATS.md` says what each column means.
package enum Schema {
  /// `kiana.db`: what only this node has.
  package static let truth = [truth1]

  /// `index.db`: what can be made again from `kiana.db`.
  package static let index = [index1]

  private static let truth1 = """
    CREATE TABLE meta (
      name TEXT PRIMARY KEY,
      value ANY NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE author (
      no INTEGER PRIMARY KEY,
      aid BLOB NOT NULL UNIQUE,
      -- 0 not admitted, 1 by import, 2 by the operator, 3 this node itself
      admitted INTEGER NOT NULL,
      -- 1: the operator purged the author; nothing of theirs is taken again
      purged INTEGER NOT NULL DEFAULT 0,
      since INTEGER NOT NULL,
      blocks INTEGER NOT NULL DEFAULT 0,
      bytes INTEGER NOT NULL DEFAULT 0,
      -- 1: a block was refused since the quota is used up; what nothing vouches for makes room
      crowded INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE key_event (
      author INTEGER NOT NULL,
      s INTEGER NOT NULL,
      said BLOB NOT NULL,
      event BLOB NOT NULL,
      first_seen INTEGER NOT NULL,
      PRIMARY KEY (author, s, said)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE feed (
      no INTEGER PRIMARY KEY,
      author INTEGER NOT NULL,
      name TEXT NOT NULL,
      -- the last block of the longest valid prefix; NULL while there is none
      head_epoch INTEGER,
      head_seq INTEGER,
      head_id BLOB,
      head_time INTEGER NOT NULL DEFAULT 0,
      blocks INTEGER NOT NULL DEFAULT 0,
      contested INTEGER NOT NULL DEFAULT 0,
      -- no signature before this place is unchecked; NULL when none is
      unchecked_epoch INTEGER,
      unchecked_seq INTEGER,
      -- the number of the last change to this row or to its author's key log (meta 'feed_changes')
      changed INTEGER NOT NULL DEFAULT 0,
      UNIQUE (author, name)
    ) STRICT;

    CREATE TABLE block (
      -- order of arrival; never given twice
      no INTEGER PRIMARY KEY,
      id BLOB NOT NULL,
      feed INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      -- 0 in the feed, 1 left behind by a later epoch (readable), 2 cut (proof only),
      -- 3 on another branch of a fork
      standing INTEGER NOT NULL,
      -- 0 signature not checked yet, 1 good, 2 bad
      sig_state INTEGER NOT NULL,
      -- 0 as the author left it, 1 redacted, 2 purged: content hidden
      hidden INTEGER NOT NULL DEFAULT 0,
      header BLOB NOT NULL,
      sig BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX block_id ON block (id);
    CREATE UNIQUE INDEX block_place ON block (feed, epoch, seq) WHERE standing < 2;
    CREATE INDEX block_proof ON block (feed, epoch, seq) WHERE standing >= 2;

    CREATE TABLE content (
      no INTEGER PRIMARY KEY,
      salt BLOB NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT;

    -- blocks that came without their content, which may come later
    CREATE TABLE lacking (
      no INTEGER PRIMARY KEY
    ) STRICT;

    -- blocks whose words or visibility changed after they came: index.db looks at them again
    CREATE TABLE changed (
      seq INTEGER PRIMARY KEY,
      no INTEGER NOT NULL
    ) STRICT;

    -- blocks that a redact/1 block names, here or not yet; only the wish of their author counts
    CREATE TABLE redaction (
      id BLOB NOT NULL,
      by_id BLOB NOT NULL,
      author INTEGER NOT NULL,
      due INTEGER NOT NULL,
      done INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (id, by_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX redaction_due ON redaction (due) WHERE done = 0;
    CREATE INDEX redaction_by ON redaction (by_id);

    -- contents that the operator purged: never fetched or served again
    CREATE TABLE purge (
      id BLOB PRIMARY KEY,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- blocks that wait until their time comes
    CREATE TABLE held (
      id BLOB PRIMARY KEY,
      feed INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      due INTEGER NOT NULL,
      header BLOB NOT NULL,
      sig BLOB NOT NULL,
      salt BLOB,
      bytes BLOB
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX held_due ON held (due);
    CREATE INDEX held_place ON held (feed, epoch, seq);

    -- what authors say last about others in blocks of kind admit/1, and where
    CREATE TABLE admission (
      by_author INTEGER NOT NULL,
      author INTEGER NOT NULL,
      -- 1 admitted, 0 removed
      admitted INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (author, by_author)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX admission_by ON admission (by_author);

    -- nodes with which a session ended well: what they saw of our changes, and we of theirs
    CREATE TABLE peer_memory (
      aid BLOB PRIMARY KEY,
      store_nonce TEXT NOT NULL,
      mine INTEGER NOT NULL,
      theirs INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- identities whose signatures over files count here, by the names that a person gave them
    CREATE TABLE trust (
      name TEXT PRIMARY KEY,
      aid BLOB NOT NULL UNIQUE,
      -- their key log as it was brought; more of it may be in key_event
      kel BLOB NOT NULL,
      since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- how far of this node's own feeds other nodes are known to have
    CREATE TABLE peer_head (
      aid BLOB NOT NULL,
      feed TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      id BLOB NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (aid, feed)
    ) STRICT, WITHOUT ROWID;

    -- what authors said last about where their key logs end, while the key that signed it is in use
    CREATE TABLE fresh_note (
      author INTEGER PRIMARY KEY,
      s INTEGER NOT NULL,
      said BLOB NOT NULL,
      time INTEGER NOT NULL,
      key TEXT NOT NULL,
      sig BLOB NOT NULL,
      -- the node that brought it
      source BLOB NOT NULL,
      -- the number of the change that brought it (meta 'fresh_changes')
      change INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX fresh_note_change ON fresh_note (change);

    -- up to which change other nodes were told
    CREATE TABLE fresh_sent (
      aid BLOB PRIMARY KEY,
      store_nonce TEXT NOT NULL,
      change INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- what peers brought on a day (days since 1970-01-01 UTC)
    CREATE TABLE peer_charge (
      peer TEXT PRIMARY KEY,
      day INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      feeds INTEGER NOT NULL,
      key_events INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- original KI_ana blocks that were taken in, by the SHA-256 of their bytes
    CREATE TABLE legacy (
      sha256 BLOB PRIMARY KEY,
      block_id BLOB NOT NULL,
      format TEXT NOT NULL,
      hash TEXT NOT NULL,
      signature TEXT NOT NULL,
      link TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- texts that many entries of the audit trail share: types, actors, keys
    CREATE TABLE name (
      no INTEGER PRIMARY KEY,
      text TEXT NOT NULL UNIQUE
    ) STRICT;

    -- the audit trail: the members of each leaf (docs/FORMATS.md section 5)
    CREATE TABLE event (
      seq INTEGER PRIMARY KEY,
      t INTEGER NOT NULL,
      type INTEGER NOT NULL,
      actor INTEGER NOT NULL,
      kid INTEGER,
      target TEXT NOT NULL,
      -- 0 ok, 1 fail, 2 deny, 3 error
      result INTEGER NOT NULL,
      -- 0 valid, 1 invalid, 2 unknown; NULL where nothing was judged
      verdict INTEGER,
      -- SHA-256(0x02 || salt || payload) and the payload's size; NULL and 0 without one
      pc BLOB,
      ps INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX event_type ON event (type);
    CREATE INDEX event_actor ON event (actor);
    CREATE INDEX event_target ON event (substr(target, 1, 16));
    CREATE INDEX event_result ON event (result) WHERE result > 0;
    CREATE INDEX event_invalid ON event (seq) WHERE verdict = 1;
    CREATE TABLE payload (
      seq INTEGER PRIMARY KEY,
      salt BLOB NOT NULL,
      data BLOB NOT NULL
    ) STRICT;
    -- a guard, not the proof: only 'prune' deletes, below the mark that it sets first
    CREATE TRIGGER event_no_update BEFORE UPDATE ON event
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
    CREATE TRIGGER event_no_delete BEFORE DELETE ON event
      WHEN old.seq >= coalesce((SELECT value FROM meta WHERE name = 'audit_first'), 0)
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

    -- the trees: of each epoch of the log, where its entries begin
    CREATE TABLE log_epoch (
      epoch INTEGER PRIMARY KEY,
      first INTEGER NOT NULL
    ) STRICT;
    -- full tiles: 256 hashes of one level (C2SP tlog-tiles); no = epoch << 56 | level << 48 | index
    CREATE TABLE tile (
      no INTEGER PRIMARY KEY,
      hashes BLOB NOT NULL,
      -- of level 0: the earliest and the latest time of its entries; else NULL
      t_min INTEGER,
      t_max INTEGER
    ) STRICT;
    -- without the hashes, so that a search by time need not walk over them
    CREATE INDEX tile_times ON tile (no, t_min, t_max) WHERE t_min IS NOT NULL;
    CREATE TRIGGER tile_no_update BEFORE UPDATE ON tile
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
    CREATE TRIGGER tile_no_delete BEFORE DELETE ON tile
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
    -- hashes of tiles that are not full yet
    CREATE TABLE edge (
      epoch INTEGER NOT NULL,
      level INTEGER NOT NULL,
      place INTEGER NOT NULL,
      hash BLOB NOT NULL,
      PRIMARY KEY (epoch, level, place)
    ) STRICT, WITHOUT ROWID;

    -- what was signed, one for a size; stored before anybody sees it
    CREATE TABLE checkpoint (
      epoch INTEGER NOT NULL,
      size INTEGER NOT NULL,
      note BLOB NOT NULL,
      PRIMARY KEY (epoch, size)
    ) STRICT;
    -- signature lines of witnesses
    CREATE TABLE cosignature (
      epoch INTEGER NOT NULL,
      size INTEGER NOT NULL,
      line TEXT NOT NULL,
      PRIMARY KEY (epoch, size, line)
    ) STRICT, WITHOUT ROWID;
    -- the last checkpoint of other logs that this node witnessed
    CREATE TABLE seen (
      origin TEXT PRIMARY KEY,
      note BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- how many entries of a kind a day had (days since 1970-01-01 UTC)
    CREATE TABLE daily (
      day INTEGER NOT NULL,
      type INTEGER NOT NULL,
      actor INTEGER NOT NULL,
      result INTEGER NOT NULL,
      -- -1 where nothing was judged
      verdict INTEGER NOT NULL,
      n INTEGER NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      PRIMARY KEY (day, type, actor, result, verdict)
    ) STRICT, WITHOUT ROWID;

    -- what this node found of each block it stored, and the entry that commits to it; checks has
    -- two bits each for hash, signature, key, link, time: 0 good, 1 bad, 2 open
    CREATE TABLE verdict (
      no INTEGER NOT NULL,
      entry INTEGER NOT NULL,
      checks INTEGER NOT NULL,
      PRIMARY KEY (no, entry)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX verdict_odd ON verdict (entry, no) WHERE checks > 0;
    -- the same of blocks that it did not store; the oldest go when there are too many
    CREATE TABLE refusal (
      id BLOB NOT NULL,
      entry INTEGER NOT NULL,
      place INTEGER NOT NULL,
      checks INTEGER NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (entry, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX refusal_id ON refusal (id);
    -- what other nodes say over their signatures that they found
    CREATE TABLE statement (
      id BLOB NOT NULL,
      validator BLOB NOT NULL,
      t INTEGER NOT NULL,
      line BLOB NOT NULL,
      -- what this node found then: 0 valid, 1 invalid, 2 unknown
      own INTEGER NOT NULL,
      entry INTEGER NOT NULL,
      PRIMARY KEY (id, validator, t)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX statement_entry ON statement (entry);
    -- how many verdicts validators gave on a day
    CREATE TABLE validator_day (
      validator BLOB NOT NULL,
      day INTEGER NOT NULL,
      valid INTEGER NOT NULL,
      invalid INTEGER NOT NULL,
      unknown INTEGER NOT NULL,
      agreed INTEGER NOT NULL,
      disagreed INTEGER NOT NULL,
      PRIMARY KEY (validator, day)
    ) STRICT, WITHOUT ROWID;
    """

  private static let index1 = """
    CREATE TABLE upto (
      name TEXT PRIMARY KEY,
      value ANY NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE word (
      no INTEGER PRIMARY KEY,
      text TEXT NOT NULL UNIQUE
    ) STRICT;

    -- role 1 author, 2 feed, 3 kind, 4 topic, 5 tag; value: author.no, feed.no or word.no
    CREATE TABLE label (
      role INTEGER NOT NULL,
      value INTEGER NOT NULL,
      no INTEGER NOT NULL,
      PRIMARY KEY (role, value, no)
    ) STRICT, WITHOUT ROWID;

    -- blocks whose words are in without a content, since it was not here
    CREATE TABLE bare (
      no INTEGER PRIMARY KEY
    ) STRICT;

    CREATE TABLE moment (
      time INTEGER NOT NULL,
      no INTEGER NOT NULL,
      PRIMARY KEY (time, no)
    ) STRICT, WITHOUT ROWID;

    CREATE VIRTUAL TABLE words USING fts5 (
      topic, tags, body, content='', tokenize="unicode61 remove_diacritics 2"
    );
    -- Fewer, larger merges: half the work of a catch-up for a few more pieces to search in.
    INSERT INTO words (words, rank) VALUES
      ('hashsize', 8388608), ('automerge', 16), ('crisismerge', 16);
    """
}
