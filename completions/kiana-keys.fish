function __kiana-keys_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kiana-keys_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __kiana-keys_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kiana-keys_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __kiana-keys_parse_tokens -S
    set -l unparsed_tokens (__kiana-keys_tokens -pc)
    switch $unparsed_tokens[1]
    case 'kiana-keys'
        __kiana-keys_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'list'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'all' 'version' 'h/help'
        case 'show'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'log' 'version' 'h/help'
        case 'history'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'verify'
            __kiana-keys_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'id'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'tick'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'n/dry-run' 'clock-is-right' 'version' 'h/help'
        case 'rotate'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'use=+' 'now' 'version' 'h/help'
        case 'revoke'
            __kiana-keys_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'reason=' 'last=' 'version' 'h/help'
        case 'emergency'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'code-fd=' 'code-file=+' 'from=' 'last=+' 'keep-all' 'n/dry-run' 'yes' 'version' 'h/help'
        case 'recovery'
            __kiana-keys_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'check'
                __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'code-fd=' 'code-file=+' 'version' 'h/help'
            case 'confirm'
                __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'code-fd=' 'code-file=+' 'version' 'h/help'
            case 'show-sheet'
                __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'code-fd=' 'code-file=+' 'version' 'h/help'
            case 'renew'
                __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'code-fd=' 'code-file=+' 'version' 'h/help'
            case 'split'
                __kiana-keys_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'code-fd=' 'code-file=+' 'version' 'h/help'
            end
        case 'passwd'
            __kiana-keys_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'to-credential' 'new-passphrase-fd=' 'new-passphrase-file=' 'new-passphrase-env=' 'version' 'h/help'
        case 'help'
            __kiana-keys_parse_subcommand -r 1 'version'
        end
    end
end

function __kiana-keys_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __kiana-keys_parse_subcommand -S -a positional_count
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

function __kiana-keys_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __kiana-keys_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__kiana-keys_tokens -p)
    if test -z "$(__kiana-keys_tokens -t)"
        set -l index (count (__kiana-keys_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'kiana-keys' -f
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'list' -d 'List the keys: use, state, age, days left, and the key.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'show' -d 'Show the identity and its control keys, or the key log itself.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'history' -d 'List the key events with their times, reasons and positions.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'verify' -d 'Verify a key log from its first event on: this node\'s, or one in a file.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'id' -d 'Print this node\'s identity.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'tick' -d 'Do what is due: publish, promote and retire keys. For cron, hourly.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'rotate' -d 'Replace keys by hand.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'revoke' -d 'Take a key back for good.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'emergency' -d 'Take the identity back with the recovery code.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'recovery' -d 'The code on paper that takes the identity back.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'passwd' -d 'Change what opens the secrets: a passphrase, or the credential file.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" all' -l 'all' -d 'Also keys that were retired or revoked.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" log' -l 'log' -d 'Print the key log: KERI v1 events with CESR signatures.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys history" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys history" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys history" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys history" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys history" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys history" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys verify" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys verify" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys verify" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys verify" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys verify" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys id" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys id" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys id" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys id" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys id" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys id" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" dry-run n' -s 'n' -l 'dry-run' -d 'Print what is due, and do nothing.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" clock-is-right' -l 'clock-is-right' -d 'The clock is right, though the last look is long ago.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys tick" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate"' -l 'use' -d 'Only keys of this use; may be repeated.' -rfka 'block log witness file backup peer enc'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" now' -l 'now' -d 'The new keys take over at once.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys rotate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" reason' -l 'reason' -d 'compromise, lost, superseded or ceased.' -rfka 'compromise lost superseded ceased'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" last' -l 'last' -d 'The last block that is yours.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys revoke" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" code-fd' -l 'code-fd' -d 'Read the code from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency"' -l 'code-file' -d 'Read the code from this file (mode 0600); repeated for parts of one.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" from' -l 'from' -d 'The first key event that is not yours.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency"' -l 'last' -d 'The last block of its feed that is yours; may be repeated.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" keep-all' -l 'keep-all' -d 'All blocks that are here are yours, also those in doubt.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" dry-run n' -s 'n' -l 'dry-run' -d 'Print what would be done, and do nothing.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" yes' -l 'yes' -d 'Do it without asking.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys emergency" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys recovery" -eq 1' -fa 'check' -d 'Say whether a recovery code is this node\'s; nothing is changed.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys recovery" -eq 1' -fa 'confirm' -d 'The code is on paper: delete the file in which \'init\' left it.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys recovery" -eq 1' -fa 'show-sheet' -d 'Print the sheet that the code is kept on.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys recovery" -eq 1' -fa 'renew' -d 'Put a new recovery code in the place of the old one.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_positional "kiana-keys recovery" -eq 1' -fa 'split' -d 'Print sheets with parts of the code, some of which give it back.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" code-fd' -l 'code-fd' -d 'Read the code from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check"' -l 'code-file' -d 'Read the code from this file (mode 0600); repeated for parts of one.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" code-fd' -l 'code-fd' -d 'Read the code from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm"' -l 'code-file' -d 'Read the code from this file (mode 0600); repeated for parts of one.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery confirm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" code-fd' -l 'code-fd' -d 'Read the code from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet"' -l 'code-file' -d 'Read the code from this file (mode 0600); repeated for parts of one.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery show-sheet" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" code-fd' -l 'code-fd' -d 'Read the code from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew"' -l 'code-file' -d 'Read the code from this file (mode 0600); repeated for parts of one.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery renew" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" code-fd' -l 'code-fd' -d 'Read the code from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split"' -l 'code-file' -d 'Read the code from this file (mode 0600); repeated for parts of one.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys recovery split" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" to-credential' -l 'to-credential' -d 'From now on the credential file opens them.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" new-passphrase-fd' -l 'new-passphrase-fd' -d 'Read the new passphrase from this descriptor.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" new-passphrase-file' -l 'new-passphrase-file' -d 'Read the new passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" new-passphrase-env' -l 'new-passphrase-env' -d 'Read the new passphrase from this environment variable.' -rfka ''
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys passwd" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-keys' -n '__kiana-keys_should_offer_completions_for_flags_or_options "kiana-keys help" version' -l 'version' -d 'Show the version.'
