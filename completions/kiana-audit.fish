function __kiana-audit_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kiana-audit_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __kiana-audit_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kiana-audit_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __kiana-audit_parse_tokens -S
    set -l unparsed_tokens (__kiana-audit_tokens -pc)
    switch $unparsed_tokens[1]
    case 'kiana-audit'
        __kiana-audit_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'append'
            __kiana-audit_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'now' 'version' 'h/help'
        case 'query'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'type=+' 'actor=' 'target=' 'result=' 'verdict=' 'since=' 'until=' 'seq=' 'format=' 'payload' 'limit=' 'reverse' 'after=' 'show-cursor' 'checkpoint=' 'version' 'h/help'
        case 'tail'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'type=+' 'actor=' 'target=' 'result=' 'verdict=' 'since=' 'until=' 'seq=' 'format=' 'payload' 'n/lines=' 'f/follow' 'version' 'h/help'
        case 'prove'
            __kiana-audit_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'block=' 'payload' 'version' 'h/help'
        case 'verify'
            __kiana-audit_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'full' 'policy=' 'against=+' 'stdin' 'version' 'h/help'
        case 'checkpoint'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'via=+' 'request=' 'take=' 'policy=' 'version' 'h/help'
        case 'witness'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'policy=' 'list' 'show=' 'version' 'h/help'
        case 'policy'
            __kiana-audit_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'consistency'
            __kiana-audit_parse_subcommand 2 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'export'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'tiles=' 'gc' 'version' 'h/help'
        case 'redact'
            __kiana-audit_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'basis=' 'version' 'h/help'
        case 'hold'
            __kiana-audit_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'reason=' 'release' 'list' 'version' 'h/help'
        case 'prune'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'before=' 'payloads' 'dry-run' 'version' 'h/help'
        case 'resume'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'via=+' 'tiles=' 'new-epoch' 'version' 'h/help'
        case 'validators'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'history' 'version' 'h/help'
        case 'validations'
            __kiana-audit_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'sign' 'take=' 'version' 'h/help'
        case 'metrics'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'report'
            __kiana-audit_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'period=' 'template=' 'format=' 'o/output=' 'version' 'h/help'
        case 'help'
            __kiana-audit_parse_subcommand -r 1 'version'
        end
    end
end

function __kiana-audit_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __kiana-audit_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __kiana-audit_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __kiana-audit_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__kiana-audit_tokens -p)
    if test -z "$(__kiana-audit_tokens -t)"
        set -l index (count (__kiana-audit_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'kiana-audit' -f
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'append' -d 'Add entries of your own scripts, a JSON object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'query' -d 'Find entries, the oldest first.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'tail' -d 'Show the last entries, and go on with those that come.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'prove' -d 'Prove that an entry, or a block, stands in this log, to a stranger offline.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'verify' -d 'Verify the trail, a proof, or entries that come through a pipe.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'checkpoint' -d 'Sign the log as it is now, and have witnesses sign that it goes on.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'witness' -d 'Sign that another log goes on from what was signed last, as its witness.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'policy' -d 'Print whose signatures make a proof of this log count, for those who check it.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'consistency' -d 'Prove that the log at a newer state goes on from an older one.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'export' -d 'Write the log as files that any web server gives out and stock tools check.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'redact' -d 'Delete what an entry commits to; its proofs go on to hold.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'hold' -d 'Keep entries from being pruned, let them go again, or list what is kept.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'prune' -d 'Delete old entries, or only what they commit to; every proof goes on to hold.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'resume' -d 'After a restore: find out how far the log was signed, and let it go on.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'validators' -d 'List who judged blocks, how often, and how often they agree with this node.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'validations' -d 'Show who judged a block and how; give and take signed statements about it.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'metrics' -d 'Print figures of the trail for Prometheus: what nobody signed, and for how long.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'report' -d 'Report what was done in a period, tied to a signed checkpoint.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_positional "kiana-audit" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" now' -l 'now' -d 'Write each line to the disk before the next is read: for input that trickles.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit append" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query"' -l 'type' -d 'Only entries of this type, \'key.*\' for all that begin so; may be repeated.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" actor' -l 'actor' -d 'Only what this identity or script did.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" target' -l 'target' -d 'Only entries about this; \'feed:*\' for all that begin so.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" result' -l 'result' -d 'Only this result: ok, fail, deny, error.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" verdict' -l 'verdict' -d 'Only this verdict: valid, invalid, unknown.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" since' -l 'since' -d 'Only entries from then on: \'today\', \'2h ago\', RFC 3339.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" until' -l 'until' -d 'Only entries before then.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" seq' -l 'seq' -d 'Only these places: \'7\', \'7..9\', \'7..\', \'..9\'.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" format' -l 'format' -d 'How to write them: text, json, jsonl, csv, cef, ocsf (default: text).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" payload' -l 'payload' -d 'Write payloads and their salts, too; in json and jsonl.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" limit' -l 'limit' -d 'Stop after this many entries.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" reverse' -l 'reverse' -d 'The newest first.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" after' -l 'after' -d 'Only what came after this cursor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" show-cursor' -l 'show-cursor' -d 'Say the cursor of the end on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" checkpoint' -l 'checkpoint' -d 'Go on from the cursor in this file, and renew it.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit query" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail"' -l 'type' -d 'Only entries of this type, \'key.*\' for all that begin so; may be repeated.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" actor' -l 'actor' -d 'Only what this identity or script did.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" target' -l 'target' -d 'Only entries about this; \'feed:*\' for all that begin so.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" result' -l 'result' -d 'Only this result: ok, fail, deny, error.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" verdict' -l 'verdict' -d 'Only this verdict: valid, invalid, unknown.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" since' -l 'since' -d 'Only entries from then on: \'today\', \'2h ago\', RFC 3339.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" until' -l 'until' -d 'Only entries before then.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" seq' -l 'seq' -d 'Only these places: \'7\', \'7..9\', \'7..\', \'..9\'.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" format' -l 'format' -d 'How to write them: text, json, jsonl, csv, cef, ocsf (default: text).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" payload' -l 'payload' -d 'Write payloads and their salts, too; in json and jsonl.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" lines n' -s 'n' -l 'lines' -d 'How many.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" f follow' -l 'follow' -s 'f' -d 'Go on with entries as they are made.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit tail" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" block' -l 'block' -d 'Prove this block.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" payload' -l 'payload' -d 'With what the entry commits to, and its salt.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prove" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" full' -l 'full' -d 'Hash every entry and payload again, and recount what is counted.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" policy' -l 'policy' -d 'Whose checkpoints count (C2SP tlog-policy).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify"' -l 'against' -d 'A kept checkpoint of this log; may be repeated.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" stdin' -l 'stdin' -d 'Check entries as \'query --json\' prints them against the tree.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint"' -l 'via' -d 'A command that is a witness; may be repeated.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" request' -l 'request' -d 'Print the request for a witness that signed this size last.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" take' -l 'take' -d 'Take the signature that a witness gave.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" policy' -l 'policy' -d 'Take only from the witnesses of this policy.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit checkpoint" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" policy' -l 'policy' -d 'Also the logs of this policy.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" list' -l 'list' -d 'List what was signed last of which log.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" show' -l 'show' -d 'Print what was signed last of this log.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit witness" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit policy" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit policy" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit policy" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit policy" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit policy" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit policy" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit consistency" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit consistency" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit consistency" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit consistency" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit consistency" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit consistency" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" tiles' -l 'tiles' -d 'Where to.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" gc' -l 'gc' -d 'Delete partial tiles that newer ones replace.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" basis' -l 'basis' -d 'Why.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit redact" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" reason' -l 'reason' -d 'Why.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" release' -l 'release' -d 'Let the entries be pruned again.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" list' -l 'list' -d 'List what is kept.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit hold" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" before' -l 'before' -d 'Up to when: \'400 days ago\', 2026-01-01.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" payloads' -l 'payloads' -d 'Only the payloads.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" dry-run' -l 'dry-run' -d 'Say what would go.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit prune" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume"' -l 'via' -d 'A command that prints one; may be repeated.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" tiles' -l 'tiles' -d 'An exported copy.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" new-epoch' -l 'new-epoch' -d 'Begin a new epoch of the log.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit resume" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" history' -l 'history' -d 'A line for each day.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validators" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" sign' -l 'sign' -d 'Print this node\'s verdicts on the blocks as signed statements.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" take' -l 'take' -d 'Take signed statements of others.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit validations" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit metrics" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit metrics" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit metrics" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit metrics" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit metrics" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit metrics" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" period' -l 'period' -d '2026, 2026-10, 2026-10-31, or two of them as A..B.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" template' -l 'template' -d 'block-validation, validator, access or keys.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" format' -l 'format' -d 'html, json, csv or md (default: by the name of the output, else md).' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" o output' -s 'o' -l 'output' -d 'Write to this file and sign it.' -rfka ''
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit report" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-audit' -n '__kiana-audit_should_offer_completions_for_flags_or_options "kiana-audit help" version' -l 'version' -d 'Show the version.'
