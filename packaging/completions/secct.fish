# fish completion for secct. Made by secct itself from its own definitions.

function __secct_names
    secct list $argv[1] --names 2>/dev/null
end

complete -c secct -f
{{#commands}}complete -c secct -n __fish_use_subcommand -a {{&name}} -d '{{&fish_what}}'
{{/commands}}{{#fish}}complete -c secct {{&line}}
{{/fish}}
