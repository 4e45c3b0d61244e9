//! What is kept is enough for somebody who has only that.

use super::*;

/// Looks everything up in all orders that matter, as one who has just the files: a folder behind a proxy.
fn verified_from_folder(world: &World, numbers: &[u64]) {
    let folder = world.path("mod/cache/download/sumdb").join(NAME);
    let mut orders: Vec<Vec<u64>> = numbers.iter().map(|&number| vec![number]).collect();
    orders.push(numbers.to_vec());
    orders.push(numbers.iter().rev().copied().collect());
    for first in numbers {
        let others = numbers.iter().filter(|number| *number != first);
        orders.push([first].into_iter().chain(others.rev()).copied().collect());
    }
    for order in orders {
        let user = World::new(TestDatabase::new(NAME, 7));
        let folder = folder.clone();
        let client = user.client_with(move |path, _| std::fs::read(folder.join(path)).ok());
        for &number in &order {
            checked(&client, number).unwrap_or_else(|error| panic!("{order:?}: {error:?}"));
        }
    }
}

#[test]
fn a_cache_filled_while_the_tree_grows_is_complete() {
    for sizes in [
        [110, 230, 305, 410, 505],
        [101, 256, 257, 404, 505],
        [505, 505, 505, 505, 505],
        [505, 400, 505, 404, 450],
        [300, 500, 310, 405, 505],
    ] {
        let world = World::new(database(100));
        let client = world.client();
        for (number, size) in (0..).zip(sizes) {
            world.database.show(505);
            let database = Arc::clone(&world.database);
            let lagging = world.client_with(move |path, answer| {
                let is_lookup = path.starts_with("lookup/");
                match is_lookup {
                    true => Some(
                        database
                            .answer_with(number * 101, &database.note(size))
                            .into(),
                    ),
                    false => answer,
                }
            });
            // In one process, or in one after the other.
            match number % 2 {
                0 => checked(&lagging, number).unwrap(),
                _ => {
                    world.database.show(size.max(number * 101 + 1));
                    checked(&client, number).unwrap_or_else(|_| {
                        world.database.show(505);
                        checked(&world.client(), number).unwrap();
                    });
                }
            }
        }
        verified_from_folder(&world, &[0, 1, 2, 3, 4]);
    }
}

#[test]
fn a_cache_is_complete_although_its_user_has_seen_more_elsewhere() {
    let world = World::new(database(100));
    world.database.show(200);
    checked(&world.client(), 0).unwrap();
    // With another cache the user got further, past the end of the tile that was not full.
    world.database.show(300);
    let other = World::new(database(100));
    std::fs::create_dir_all(other.path("sumdb")).unwrap();
    copy_folder(&world.path("sumdb"), &other.path("sumdb"));
    other.database.show(300);
    checked(&other.client(), 1).unwrap();
    copy_folder(&other.path("sumdb"), &world.path("sumdb"));
    world.database.show(505);
    checked(&world.client(), 2).unwrap();
    verified_from_folder(&world, &[0, 2]);
}

#[test]
fn every_size_of_tree_leaves_a_complete_cache() {
    for size in (405..=505).step_by(7) {
        let world = World::new(database(100));
        for shown in [230, size] {
            world.database.show(shown);
            let client = world.client();
            for number in 0..shown.div_ceil(101) {
                checked(&client, number).unwrap();
            }
        }
        verified_from_folder(&world, &[0, 1, 2, 3, 4]);
    }
}
