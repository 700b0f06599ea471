//! The plan of src: which room may use which, file by file. An arrow is a path to an item in product code; `mod`, `pub use` and
//! tests do not count. docs/architecture.md has the picture.

use crate::tidy::sources;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use syn::visit::{self, Visit};

/// Each room, and the rooms that it may use.
const ROOMS: &[(&str, &str)] = &[
    ("script", ""),
    ("statement", "script"),
    ("migration", "script statement"),
    ("schema", "script statement migration"),
    ("cost", "script statement migration schema"),
    ("lint", "script statement migration schema"),
    ("sample_rows", "script statement schema"),
    ("error", "script statement migration"),
    ("event", "error script statement migration schema cost lint sample_rows"),
    ("source", "error script statement migration"),
    ("db", "error event script statement schema"),
    ("engine", "db error event script statement migration schema"),
    ("preview", "engine db error event script statement migration schema cost"),
    ("proof", "engine db error event script statement migration schema sample_rows"),
    ("command", "engine preview proof db error event script statement migration schema cost lint"),
    ("report", "error event script statement migration schema cost lint sample_rows"),
    ("api", "command engine db source error event migration script"),
    ("cli", "command proof engine db report source error event migration cost"),
    ("main", "cli"),
    ("lib", ""),
];

static PLAN: LazyLock<Plan> = LazyLock::new(Plan::read);

/// The path of a module in the crate.
type Module = Vec<String>;

/// The files of src: where their modules are, and which paths they name.
struct Plan {
    files: BTreeMap<Module, String>,
    /// A name that a module hands on, and the module that has it.
    handed_on: BTreeMap<(Module, String), Module>,
    arrows: BTreeMap<String, BTreeSet<String>>,
}

fn module_of(file: &str) -> Module {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Module::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// `crate`, `self` and `super` resolved; nothing for a path into another crate.
fn absolute(module: &[String], path: &[String]) -> Option<Module> {
    let mut found = match path.first()?.as_str() {
        "crate" => Module::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().saturating_sub(1)].to_vec(),
        _ => return None,
    };
    for part in &path[1..] {
        match part.as_str() {
            "super" => drop(found.pop()),
            "self" => {}
            _ => found.push(part.clone()),
        }
    }
    Some(found)
}

/// The paths that the product code of a file names, and those that it hands on.
struct Paths<'p> {
    module: Module,
    children: &'p BTreeSet<String>,
    named: Vec<Module>,
    handed_on: Vec<Module>,
}

impl Paths<'_> {
    fn add(&mut self, path: Vec<String>, is_handed_on: bool) {
        // A word alone may be a variable.
        let is_child = path.len() > 1 && path.first().is_some_and(|first| self.children.contains(first));
        let path = if is_child { [vec!["self".to_owned()], path].concat() } else { path };
        if let Some(found) = absolute(&self.module, &path) {
            if is_handed_on { self.handed_on.push(found) } else { self.named.push(found) }
        }
    }

    fn add_tree(&mut self, tree: &syn::UseTree, before: &[String], is_handed_on: bool) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&path.tree, &with(&path.ident), is_handed_on),
            syn::UseTree::Name(name) => self.add(with(&name.ident), is_handed_on),
            syn::UseTree::Rename(rename) => self.add(with(&rename.ident), is_handed_on),
            syn::UseTree::Glob(_) => self.add(before.to_vec(), is_handed_on),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, before, is_handed_on)),
        }
    }

    /// Paths in the arguments of a macro, which are no syntax yet.
    fn add_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Ident(word) => {
                    if colons != 2 && !path.is_empty() {
                        self.add(std::mem::take(&mut path), false);
                    }
                    (colons, path) = (0, [path, vec![word.to_string()]].concat());
                }
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                proc_macro2::TokenTree::Group(group) => self.add_tokens(group.stream()),
                proc_macro2::TokenTree::Punct(_) | proc_macro2::TokenTree::Literal(_) => {
                    self.add(std::mem::take(&mut path), false);
                }
            }
        }
        self.add(path, false);
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let is_test = |attribute: &syn::Attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        syn::Meta::Path(_) | syn::Meta::NameValue(_) => false,
    };
    attributes.iter().any(is_test)
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(module) if is_for_tests(&module.attrs) => {}
            syn::Item::Fn(function) if is_for_tests(&function.attrs) => {}
            syn::Item::Use(import) if is_for_tests(&import.attrs) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        let is_handed_on = !matches!(import.vis, syn::Visibility::Inherited);
        self.add_tree(&import.tree, &[], is_handed_on);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect(), false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

impl Plan {
    fn read() -> Plan {
        // A module that is for tests alone is a file of its own at times.
        let is_product = |file: &str| !file.ends_with("tests.rs");
        let sources: Vec<(String, String)> = sources().into_iter().filter(|(file, _)| is_product(file)).collect();
        let files: BTreeMap<Module, String> = sources.iter().map(|(file, _)| (module_of(file), file.clone())).collect();
        let mut plan = Plan { files, handed_on: BTreeMap::new(), arrows: BTreeMap::new() };
        let mut named = Vec::new();
        for (file, text) in &sources {
            let module = module_of(file);
            let is_child = |other: &&Module| other.len() == module.len() + 1 && other.starts_with(&module);
            let children = plan.files.keys().filter(is_child).filter_map(|child| child.last().cloned()).collect();
            let mut paths = Paths { module: module.clone(), children: &children, named: vec![], handed_on: vec![] };
            paths.visit_file(&syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}")));
            for path in paths.handed_on {
                if let Some((name, home)) = path.split_last() {
                    plan.handed_on.insert((module.clone(), name.clone()), home.to_vec());
                }
            }
            named.push((file.clone(), paths.named));
        }
        for (file, paths) in named {
            let arrows = paths.iter().filter_map(|path| plan.home(path)).filter(|home| *home != file).collect();
            plan.arrows.insert(file, arrows);
        }
        plan
    }

    /// The file of the item that a path leads to.
    fn home(&self, path: &[String]) -> Option<String> {
        let of_module = |path: &[String]| (0..=path.len()).rev().find(|&end| self.files.contains_key(&path[..end]));
        let mut end = of_module(path)?;
        let mut module = path[..end].to_vec();
        while let Some(home) = path.get(end).and_then(|name| self.handed_on.get(&(module.clone(), name.clone()))) {
            module = home[..of_module(home)?].to_vec();
            if home.len() > module.len() {
                break;
            }
        }
        end = end.min(path.len());
        (end > 0 || path.is_empty()).then(|| self.files.get(&module).cloned()).flatten()
    }
}

fn room_of(file: &str) -> &str {
    file.split_once('/').map_or(file.trim_end_matches(".rs"), |(room, _)| room)
}

#[test]
fn arrows_between_rooms_point_down() {
    let mut wrong = Vec::new();
    for (file, arrows) in &PLAN.arrows {
        let room = room_of(file);
        let (_, allowed) = ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{file}: no room"));
        for target in arrows {
            let other = room_of(target);
            let is_allowed = other == room || allowed.split(' ').any(|below| below == other);
            if !is_allowed {
                wrong.push(format!("{file} -> {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these point up:\n{}", wrong.join("\n"));
}

/// The files that a file leads to, over others too.
fn reached(from: &str) -> BTreeSet<&'static str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        for target in PLAN.arrows.get(file).into_iter().flatten() {
            if found.insert(target.as_str()) {
                next.push(target);
            }
        }
    }
    found
}

#[test]
fn no_files_stand_in_a_circle() {
    let all: BTreeMap<&str, BTreeSet<&str>> = PLAN.arrows.keys().map(|file| (file.as_str(), reached(file))).collect();
    let circle_of = |file: &str| -> Vec<&str> {
        let leads_back = |other: &&&str| all.get(**other).is_some_and(|targets| targets.contains(file));
        all[file].iter().filter(leads_back).copied().collect()
    };
    let circles: BTreeSet<Vec<&str>> =
        all.keys().map(|file| circle_of(file)).filter(|circle| !circle.is_empty()).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn no_room_holds_more_than_a_quarter_of_the_lines() {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for (file, text) in sources() {
        *lines.entry(room_of(&file).to_owned()).or_default() += text.lines().count();
    }
    let all: usize = lines.values().sum();
    for (room, count) in lines {
        assert!(count * 4 <= all, "{room} holds {count} of {all} lines");
    }
}
