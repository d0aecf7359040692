<?php
// Makes the blog, and an account of each role under test; prints their application passwords as JSON.
// php set_up.php FOLDER_OF_WORDPRESS
$database = new mysqli( 'localhost', 'root', '', '', 0, getenv( 'BLOG_SOCKET' ) );
$database->query( 'CREATE DATABASE wordpress CHARACTER SET utf8mb4' );

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = parse_url( getenv( 'BLOG_ADDRESS' ), PHP_URL_HOST );
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_new_blog_notification() {} // no mail

wp_install( 'Riverside Hospitals', 'owner', 'owner@example.org', true, '', 'only-for-tests' );
wp_insert_term( 'Jobs', 'category', array( 'slug' => 'jobs' ) );
$passwords = array();
foreach ( array( 'author', 'contributor' ) as $role ) {
	$user = wp_insert_user(
		array(
			'user_login'   => $role,
			'user_pass'    => 'only-for-tests',
			'user_email'   => $role . '@example.org',
			'display_name' => 'Riverside ' . $role,
			'role'         => $role,
		)
	);
	list( $passwords[ $role ] ) = WP_Application_Passwords::create_new_application_password( $user, array( 'name' => 'Promenade' ) );
}
echo json_encode( $passwords );
