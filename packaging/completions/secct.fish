# fish completion for secct, made by 'secct completion fish'.

function __secct_names
    secct list $argv[1] --names 2>/dev/null
end

complete -c secct -f
{{#commands}}complete -c secct -n __fish_use_subcommand -a {{&name}} -d '{{&fish_description}}'
{{/commands}}{{#fish}}complete -c secct {{&line}}
{{/fish}}
