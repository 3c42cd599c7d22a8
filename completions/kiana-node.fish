function __kiana-node_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kiana-node_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __kiana-node_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kiana-node_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __kiana-node_parse_tokens -S
    set -l unparsed_tokens (__kiana-node_tokens -pc)
    switch $unparsed_tokens[1]
    case 'kiana-node'
        __kiana-node_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'init'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'version' 'h/help'
        case 'id'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'put'
            __kiana-node_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'topic=' 'tag=+' 'kind=' 'feed=' 'type=' 'ref=+' 'lines' 'version' 'h/help'
        case 'get'
            __kiana-node_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'header' 'content' 'line' 'version' 'h/help'
        case 'log'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'author=' 'feed=' 'kind=' 'topic=' 'tag=+' 'since=' 'until=' 'reverse' 'limit=' 'f/follow' 'version' 'h/help'
        case 'search'
            __kiana-node_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'author=' 'feed=' 'kind=' 'topic=' 'tag=+' 'since=' 'until=' 'limit=' 'version' 'h/help'
        case 'verify'
            __kiana-node_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'full' 'workers=' 'version' 'h/help'
        case 'export'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'author=' 'feed=' 'kind=' 'topic=' 'tag=+' 'since=' 'until=' 'no-content' 'f/follow' 'version' 'h/help'
        case 'import'
            __kiana-node_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'legacy' 'workers=' 'dry-run' 'version' 'h/help'
        case 'redact'
            __kiana-node_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'now' 'reason=' 'version' 'h/help'
        case 'purge'
            __kiana-node_parse_subcommand -r 1 'state=' 'json' 'q/quiet' 'v/verbose' 'author=' 'version' 'h/help'
        case 'admit'
            __kiana-node_parse_subcommand 1 'state=' 'json' 'q/quiet' 'v/verbose' 'remove' 'version' 'h/help'
        case 'feeds'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'status'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'reindex'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'version' 'h/help'
        case 'sync'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'feed=+' 'no-content' 'via=' 'pull-only' 'push-only' 'dry-run' 'note=' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'version' 'h/help'
        case 'serve'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'feed=+' 'no-content' 'stdio' 'read-only' 'peer=' 'version' 'h/help'
        case 'resume'
            __kiana-node_parse_subcommand 0 'state=' 'json' 'q/quiet' 'v/verbose' 'passphrase' 'passphrase-fd=' 'passphrase-file=' 'passphrase-env=' 'via=' 'without-peers' 'version' 'h/help'
        case 'help'
            __kiana-node_parse_subcommand -r 1 'version'
        end
    end
end

function __kiana-node_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __kiana-node_parse_subcommand -S -a positional_count
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

function __kiana-node_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __kiana-node_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__kiana-node_tokens -p)
    if test -z "$(__kiana-node_tokens -t)"
        set -l index (count (__kiana-node_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'kiana-node' -f
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'init' -d 'Make a node: identity, keys and an empty store.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'id' -d 'Print this node\'s identity.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'put' -d 'Make a signed block of a text and print its id.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'get' -d 'Print one block, named by its id or the first digits of it.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'log' -d 'List blocks, the newest arrival first.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'search' -d 'Find blocks by words, the best first.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'verify' -d 'Prove what is stored: chains, signatures, keys, contents.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'export' -d 'Write blocks in the line form, oldest arrival first.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'import' -d 'Take blocks in: lines that export wrote, or original KI_ana data.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'redact' -d 'Take the content of own blocks back, here and on every node that has them.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'purge' -d 'Delete contents, or all of an author, from this node for good.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'admit' -d 'Let this node store the blocks of an author.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'feeds' -d 'List the feeds that are here, by author.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'status' -d 'Is this node fine, and what would be lost if its disk died now?'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'reindex' -d 'Make the search index anew from the blocks.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'sync' -d 'Bring this node and another one in step, through a command\'s pipe.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'serve' -d 'Speak for this node to another one\'s sync, on standard input and output.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'resume' -d 'Let a node sign again whose state was restored from an older copy.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_positional "kiana-node" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node init" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node id" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node id" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node id" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node id" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node id" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node id" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" topic' -l 'topic' -d 'What it is about; public for ever.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put"' -l 'tag' -d 'A word to find it by; may be repeated; public for ever.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" kind' -l 'kind' -d 'Kind of block.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" feed' -l 'feed' -d 'Feed it goes into.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" type' -l 'type' -d 'Media type of the content (default: text/plain, or octet-stream when it is not UTF-8).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put"' -l 'ref' -d 'A block that it speaks of; may be repeated.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" lines' -l 'lines' -d 'Make one block of each line, all or none per thousand, and print the ids.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node put" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" header' -l 'header' -d 'Print the signed header bytes and nothing else.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" content' -l 'content' -d 'Print the content bytes and nothing else.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" line' -l 'line' -d 'Print the block in the line form, as export does.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node get" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" author' -l 'author' -d 'Only blocks of this author.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" feed' -l 'feed' -d 'Only blocks in feeds of this name.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" kind' -l 'kind' -d 'Only blocks of this kind.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" topic' -l 'topic' -d 'Only blocks with this topic.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log"' -l 'tag' -d 'Only blocks with this tag; may be repeated.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" since' -l 'since' -d 'Only blocks from then on: \'today\', \'2h ago\', RFC 3339.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" until' -l 'until' -d 'Only blocks before then.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" reverse' -l 'reverse' -d 'List the oldest arrival first.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" limit' -l 'limit' -d 'Stop after this many blocks.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" f follow' -l 'follow' -s 'f' -d 'Go on with blocks as they arrive; oldest first.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node log" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" author' -l 'author' -d 'Only blocks of this author.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" feed' -l 'feed' -d 'Only blocks in feeds of this name.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" kind' -l 'kind' -d 'Only blocks of this kind.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" topic' -l 'topic' -d 'Only blocks with this topic.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search"' -l 'tag' -d 'Only blocks with this tag; may be repeated.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" since' -l 'since' -d 'Only blocks from then on: \'today\', \'2h ago\', RFC 3339.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" until' -l 'until' -d 'Only blocks before then.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" limit' -l 'limit' -d 'Stop after this many blocks.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node search" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" full' -l 'full' -d 'Also the database files themselves, and the index against the blocks.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" workers' -l 'workers' -d 'Threads that check signatures (default: all processors).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" author' -l 'author' -d 'Only blocks of this author.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" feed' -l 'feed' -d 'Only blocks in feeds of this name.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" kind' -l 'kind' -d 'Only blocks of this kind.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" topic' -l 'topic' -d 'Only blocks with this topic.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export"' -l 'tag' -d 'Only blocks with this tag; may be repeated.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" since' -l 'since' -d 'Only blocks from then on: \'today\', \'2h ago\', RFC 3339.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" until' -l 'until' -d 'Only blocks before then.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" no-content' -l 'no-content' -d 'Leave contents out.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" f follow' -l 'follow' -s 'f' -d 'Go on with blocks as they arrive.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" legacy' -l 'legacy' -d 'Read original KI_ana files and folders (formats A to F).'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" workers' -l 'workers' -d 'Threads that check signatures (default: all processors).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" dry-run' -l 'dry-run' -d 'With --legacy: judge the blocks and store nothing.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node import" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" now' -l 'now' -d 'Delete the content here at once.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" reason' -l 'reason' -d 'Why; public.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node redact" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" author' -l 'author' -d 'Delete everything of this author.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node purge" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" remove' -l 'remove' -d 'Take the admission back.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node admit" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node feeds" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node feeds" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node feeds" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node feeds" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node feeds" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node feeds" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node status" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node status" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node status" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node status" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node status" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node reindex" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node reindex" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node reindex" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node reindex" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node reindex" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node reindex" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync"' -l 'feed' -d 'Only feeds of this name; may be repeated.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" no-content' -l 'no-content' -d 'Send and keep no contents.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" via' -l 'via' -d 'The command that speaks for the other node.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" pull-only' -l 'pull-only' -d 'Take blocks and send none.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" push-only' -l 'push-only' -d 'Send blocks and take none.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" dry-run' -l 'dry-run' -d 'Only say what would move.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" note' -l 'note' -d 'Show the other node\'s operator this line.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node sync" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve"' -l 'feed' -d 'Only feeds of this name; may be repeated.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" no-content' -l 'no-content' -d 'Send and keep no contents.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" stdio' -l 'stdio' -d 'Speak the protocol on standard input and output.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" read-only' -l 'read-only' -d 'Send blocks and take none.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" peer' -l 'peer' -d 'Who is on the other side, for messages.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node serve" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" state' -l 'state' -d 'The node\'s state directory (default: $KIANA_STATE, else per user).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" json' -l 'json' -d 'Print JSON, one object a line.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" q quiet' -l 'quiet' -s 'q' -d 'Print no notes on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" v verbose' -l 'verbose' -s 'v' -d 'Print details on standard error.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" passphrase' -l 'passphrase' -d 'Ask for the node\'s passphrase on the terminal.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" passphrase-fd' -l 'passphrase-fd' -d 'Read the passphrase from this descriptor.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" passphrase-file' -l 'passphrase-file' -d 'Read the passphrase from this file (mode 0600).' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" passphrase-env' -l 'passphrase-env' -d 'Read the passphrase from this environment variable.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" via' -l 'via' -d 'The command that speaks for a node with newer blocks.' -rfka ''
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" without-peers' -l 'without-peers' -d 'Open the next epoch of every own feed.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" version' -l 'version' -d 'Show the version.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node resume" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kiana-node' -n '__kiana-node_should_offer_completions_for_flags_or_options "kiana-node help" version' -l 'version' -d 'Show the version.'
